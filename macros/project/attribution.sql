{#- Which days attribution is about. -#}

{%- macro attribution_days() -%}
{#- The days before as_of whose orders have their touches: attribution_days, or as many as the retention of touches leaves
    with the lookback before them. -#}
    {%- set held = var('retention_days').get('ads/touches', 0) -%}
    {%- set known = [held - var('attribution_lookback_days'), 0] | max if held else var('attribution_days') -%}
    {{ return([known, var('attribution_days')] | min) }}
{%- endmacro -%}

{%- macro attribution_starts_at(days_before=0) -%}
{#- The first moment whose orders and deliveries have their touches, or some days before it. -#}
    {{ dbt.dateadd('day', -(attribution_days() + days_before), as_of()) }}
{%- endmacro -%}
