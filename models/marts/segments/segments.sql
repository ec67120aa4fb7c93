{#- The families' metadata come from their YAML. They are read here, below the memberships, so that a
    build of one new family (`dbt build -s seg_x+`) brings it into the catalogue too. -#}
{%- do check_variables() -%}

with

families as (
    {{ segment_family_rows() }}
),

memberships as (select * from {{ ref('segment_memberships') }}),

found as (
    select segment_id, family, variant, lookback_days
    from memberships
    group by segment_id, family, variant, lookback_days
),

final as (
    -- A family without a member stands in the catalogue all the same, under its own name.
    select
        coalesce(found.segment_id, families.family) as segment_id,
        families.family,
        found.variant,
        found.lookback_days,
        families.kind,
        families.description,
        families.owner,
        families.purpose,
        families.signals,
        families.retention_days,
        families.min_size,
        families.max_size,
        families.keep_top,
        families.priority,
        families.excludes
    from families
    left join found on families.family = found.family
)

select * from final
