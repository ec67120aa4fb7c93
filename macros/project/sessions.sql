{%- macro session_end(last_event_at) -%}
{#- The last moment at which another event would still belong to the session of this one. -#}
    {{ dbt.dateadd('minute', var('session_minutes'), last_event_at) }}
{%- endmacro -%}
