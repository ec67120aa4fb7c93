{%- macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
{#- In place of dbt-spark's, which counts in whole seconds and loses what is below. -#}
    {%- if datepart != 'day' -%}
        {%- do exceptions.raise_compiler_error('spark__dateadd: only days are supported, not ' ~ datepart) -%}
    {%- endif -%}
    cast({{ from_date_or_timestamp }} as timestamp) + make_dt_interval(cast({{ interval }} as int))
{%- endmacro -%}
