{%- macro spark__persist_constraints(relation, model) -%}
{#- In place of dbt-spark's, which takes a table without the setting `file_format` for one of Delta Lake. Parquet tables
    hold no constraint: of a contract, names and types are checked, and the data tests ask the rest. -#}
    {%- if config.get('contract').enforced and config.get('file_format') == 'delta' -%}
        {%- do alter_table_add_constraints(relation, model.constraints) -%}
        {%- do alter_column_set_constraints(relation, model.columns) -%}
    {%- endif -%}
{%- endmacro -%}
