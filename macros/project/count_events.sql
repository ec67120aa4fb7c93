{%- macro count_events(condition) -%}
{#- Number of events in rolled-up rows that meet a condition; 0 where none do. -#}
    cast(coalesce(sum(event_count) filter (where {{ condition }}), 0) as bigint)
{%- endmacro -%}

{%- macro last_event(condition) -%}
{#- The last event in rolled-up rows that meet a condition; null where none do. -#}
    max(last_event_at) filter (where {{ condition }})
{%- endmacro -%}
