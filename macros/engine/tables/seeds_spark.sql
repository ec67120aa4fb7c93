{#- Seeds on Spark. -#}

{%- macro spark__load_csv_rows(model, agate_table) -%}
{#- In place of dbt-spark's: its session method binds every value as a text, a null as the text None, and a quote ends
    the text. -#}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set statements = [] -%}
    {%- for rows in agate_table.rows | batch(get_batch_size()) -%}
        {%- set sql -%}
            insert into {{ this.render() }} values
            {%- for row in rows %}
            (
                {%- for name in agate_table.column_names -%}
                {%- set value = row[loop.index0] -%}
                {%- set type = types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
                {%- set text = dbt.escape_single_quotes(value | string | replace('\\', '\\\\')) -%}
                cast({{ 'null' if value is none else dbt.string_literal(text) }} as {{ type }})
                {{- ', ' if not loop.last }}
                {%- endfor -%}
            ){{ ',' if not loop.last }}
            {%- endfor %}
        {%- endset -%}
        {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
        {%- do statements.append(sql) -%}
    {%- endfor -%}
    {{ return(statements | first) }}
{%- endmacro -%}
