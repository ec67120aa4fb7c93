{#- The clock of the project. Nothing else reads the time. -#}

{%- macro as_of() -%}
{#- The moment that every figure describes, as a timestamp expression: always a UTC midnight. -#}
    (select clock.as_of from {{ ref('int_as_of') }} as clock)
{%- endmacro -%}

{%- macro run_time() -%}
{#- The moment at which this run of dbt started, as a UTC timestamp literal. -#}
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
{%- endmacro -%}
