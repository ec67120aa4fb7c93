{%- macro count_events(condition) -%}
{#- Number of events in rolled-up rows that meet a condition; 0 where none do. -#}
    cast(coalesce(sum(event_count) filter (where {{ condition }}), 0) as bigint)
{%- endmacro -%}
