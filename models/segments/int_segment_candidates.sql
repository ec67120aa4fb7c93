{{ config(materialized='table') }}
{#- dbt reads the models before the hooks: a list that is none is named before it is looped over. -#}
{%- do check_variables() -%}

with

united as (
    {#- Few words a family: dbt takes the text of a model that reads families apart, up to 10,000 tokens. #}
    {%- for family in var('segments', none) or [] %}
    select '{{ family }}' as family, customer_id, lookback_days, variant, qualified_at, score
    from {{ ref('seg_' ~ family) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

candidates as (
    select
        family,
        cast(customer_id as {{ dbt.type_string() }}) as customer_id,
        cast(lookback_days as integer) as lookback_days,
        cast(variant as {{ dbt.type_string() }}) as variant,
        cast(qualified_at as timestamp) as qualified_at,
        cast(score as double) as score
    from united
),

final as (
    select
        {{ segment_id('family', 'variant', 'lookback_days') }} as segment_id,
        family,
        variant,
        lookback_days,
        customer_id,
        qualified_at,
        score
    from candidates
)

select * from final
