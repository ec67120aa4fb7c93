{%- macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
{#- In place of dbt-spark's, which knows no order; Spark 4 does. -#}
    {%- if limit_num -%}
        {%- do exceptions.raise_compiler_error('spark__listagg: a limit is not supported') -%}
    {%- endif -%}
    listagg({{ measure }}, {{ delimiter_text }}){% if order_by_clause %} within group ({{ order_by_clause }}){% endif %}
{%- endmacro -%}
