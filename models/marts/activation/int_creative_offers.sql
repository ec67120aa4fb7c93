{{ config(access='private', schema='intermediate') }}

with

primary_segments as (select * from {{ ref('customer_primary_segments') }}),

creatives as (
    select * from {{ ref('segment_creatives') }}
    where family is not null
),

variants as (
    select family, coalesce(variant, '') as variant
    from primary_segments
    group by family, coalesce(variant, '')
),

offered as (
    -- Creatives of the very variant stand in the place of those of the whole family.
    select
        variants.family,
        variants.variant,
        creatives.creative_key,
        creatives.weight,
        creatives.variant is not null as is_of_variant,
        bool_or(creatives.variant is not null) over (
            partition by variants.family, variants.variant
        ) as has_own
    from variants
    inner join creatives
        on
            variants.family = creatives.family
            and coalesce(creatives.variant, variants.variant) = variants.variant
),

sliced as (
    select
        family,
        variant,
        creative_key,
        weight,
        sum(weight) over (
            partition by family, variant
            order by creative_key
            rows between unbounded preceding and current row
        ) as weight_to,
        sum(weight) over (partition by family, variant) as total_weight,
        row_number() over (
            partition by family, variant
            order by creative_key desc
        ) as rank_from_last
    from offered
    where is_of_variant = has_own
),

final as (
    -- Side by side on [0, 1): each begins where the one before it ends, to the last digit, and the
    -- last ends at 1 exactly, whatever the sum of weights says.
    select
        family,
        variant,
        creative_key,
        coalesce(
            lag(weight_to / total_weight) over (
                partition by family, variant
                order by creative_key
            ),
            0
        ) as fraction_from,
        case when rank_from_last = 1 then 1e0 else weight_to / total_weight end as fraction_to
    from sliced
)

select * from final
