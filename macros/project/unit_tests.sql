{#- What a unit test's rows are made of. -#}

{%- macro get_fixture_sql(rows, column_name_to_data_types) -%}
{#- In place of dbt's, which asks the database for the columns of an input: a family is ephemeral and not there, but all
    families have the same columns. So a family made of others is tested like any other, with the columns that matter. -#}
    {%- if not model.name.startswith('seg_') -%}
        {{ return(dbt.get_fixture_sql(rows, column_name_to_data_types)) }}
    {%- endif -%}
    {%- set text = dbt.type_string() -%}
    {%- set types = {
        'customer_id': text, 'lookback_days': 'integer', 'variant': text, 'qualified_at': 'timestamp', 'score': 'double'
    } -%}
    {%- for row in rows or [{}] -%}
        {%- set values = format_row(row, types) %}
    select
        {%- for column, type in types.items() %}
        {{ values.get(column, dbt.safe_cast('null', type)) }} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    {{ 'where 1 = 0' if not rows }}
    {{ 'union all' if not loop.last }}
    {%- endfor -%}
{%- endmacro -%}
