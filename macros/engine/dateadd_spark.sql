{%- macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
{#- In place of dbt-spark's, which counts in whole seconds and loses what is below. -#}
    {%- if datepart not in ('day', 'minute') -%}
        {%- do exceptions.raise_compiler_error('spark__dateadd: only days and minutes are supported, not ' ~ datepart) -%}
    {%- endif -%}
    {%- set larger_units = '0, 0, ' if datepart == 'minute' else '' -%}
    cast({{ from_date_or_timestamp }} as timestamp) + make_dt_interval({{ larger_units }}cast({{ interval }} as int))
{%- endmacro -%}
