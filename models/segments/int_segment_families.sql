{{ config(materialized='table') }}
{#- dbt reads the models before the hooks: a list that is none is named before it is looped over. -#}
{%- do check_variables() -%}

with

families as (
    {{ segment_family_rows() }}
),

final as (
    select
        family,
        kind,
        description,
        owner,
        purpose,
        signals,
        retention_days,
        min_size,
        max_size,
        priority
    from families
)

select * from final
