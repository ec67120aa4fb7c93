{#- Which days attribution is about. -#}

{%- macro attribution_days() -%}
{#- The days before as_of whose orders have their touches: attribution_days, or as many as retention leaves of orders, and
    of touches with the lookback before them. -#}
    {%- set held = var('retention_days') -%}
    {%- set limits = [var('attribution_days')] -%}
    {%- if held.get('shop/orders') -%}
        {%- do limits.append(held['shop/orders']) -%}
    {%- endif -%}
    {%- if held.get('ads/touches') -%}
        {%- do limits.append([held['ads/touches'] - var('attribution_lookback_days'), 0] | max) -%}
    {%- endif -%}
    {{ return(limits | min) }}
{%- endmacro -%}

{%- macro attribution_starts_at(days_before=0) -%}
{#- The first moment whose orders and deliveries have their touches, or some days before it. -#}
    {{ dbt.dateadd('day', -(attribution_days() + days_before), as_of()) }}
{%- endmacro -%}
