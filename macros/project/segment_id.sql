{%- macro segment_id(family, variant, lookback_days) -%}
{#- The name of a micro-segment: family[/variant][@Nd]. -#}
    {{ family }}
        || coalesce('/' || {{ variant }}, '')
        || coalesce('@' || cast({{ lookback_days }} as {{ dbt.type_string() }}) || 'd', '')
{%- endmacro -%}
