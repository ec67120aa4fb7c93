{{ config(materialized='table') }}
{#- dbt reads the models before the hooks: a list that is none is named before it is looped over. -#}
{%- do check_variables() -%}

with

dates as (
    select * from {{ ref('int_scoring_dates') }}
    where purpose = 'propensity' and horizons_ago > 0
),

orders as (
    select * from {{ ref('int_identifier_orders') }}
    where is_completed
),

identity_map as (select * from {{ ref('int_identity_map') }}),

families as (
    {{ lookalike_family_rows() }}
),

candidates as (
    select
        cast(null as {{ dbt.type_string() }}) as family,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        cast(null as integer) as lookback_days,
        cast(null as {{ dbt.type_string() }}) as variant,
        cast(null as timestamp) as qualified_at
    {%- for family in lookalike_families() %}
    union all
    select
        '{{ family }}' as family,
        cast(customer_id as {{ dbt.type_string() }}) as customer_id,
        cast(lookback_days as integer) as lookback_days,
        cast(variant as {{ dbt.type_string() }}) as variant,
        cast(qualified_at as timestamp) as qualified_at
    from {{ ref('seg_' ~ family) }}
    {%- endfor %}
),

members as (
    select
        {{ segment_id('candidates.family', 'candidates.variant', 'candidates.lookback_days') }}
            as segment_id,
        candidates.customer_id
    from candidates
    inner join families on candidates.family = families.family
    where
        candidates.qualified_at
        >= {{ dbt.dateadd('day', '-families.retention_days', as_of()) }}
),

final as (
    select
        'propensity' as scorecard_key,
        dates.horizons_ago,
        identity_map.customer_id
    from orders
    inner join identity_map on orders.identifier_id = identity_map.identifier_id
    inner join dates
        on orders.ordered_at >= dates.scored_at and orders.ordered_at < dates.outcome_ends_at
    group by dates.horizons_ago, identity_map.customer_id
    union all
    -- Who is a member now is learnt from what they did before a horizon ago.
    select
        segment_id as scorecard_key,
        1 as horizons_ago,
        customer_id
    from members
    where segment_id in ('{{ var("lookalike_segments") | join("', '") }}')
)

select * from final
