{#- Raw tables on Spark: the files of the folder that TESSERA_RAW names, as on DuckDB; without it the tables that the
    adopter keeps in the schemas raw_<source>, as elsewhere. -#}

{%- macro spark__prepare_raw_tables(tables) -%}
    {%- set raw = env_var('TESSERA_RAW', '').rstrip('/') -%}
    {%- if not raw -%}
        {%- do tessera.default__prepare_raw_tables(tables) -%}
    {%- else -%}
        {%- set with_files = spark_tables_with_files(raw) -%}
        {%- set present, without = [], [] -%}
        {%- for table in tables -%}
            {%- set name = table.source_name ~ '/' ~ table.name -%}
            {%- do (present.append(table) if name in with_files else without.append(name)) -%}
        {%- endfor -%}
        {%- if not present -%}
            {%- do exceptions.raise_compiler_error(
                'There is nothing to build from: the folder ' ~ raw ~ ' holds no file '
                ~ '<source>/<table>/*.parquet of the input contract (docs/input-contract.md).'
            ) -%}
        {%- endif -%}
        {%- if without -%}
            {%- do log(
                'notice: no files under ' ~ raw ~ ' for ' ~ without | join(', ') ~ ': counted as empty tables',
                info=true
            ) -%}
        {%- endif -%}
        {%- do spark_create_raw_tables(raw, tables, present) -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro spark_tables_with_files(raw) -%}
{#- The tables, as <source>/<table>, that have a file. The view lists paths; no file is opened. -#}
    {%- do run_query(
        'create or replace temporary view tessera_raw_files using binaryFile options ('
        ~ 'path ' ~ dbt.string_literal(dbt.escape_single_quotes(raw))
        ~ ", pathGlobFilter '*.parquet', recursiveFileLookup 'true')"
    ) -%}
    {%- set query -%}
        select distinct concat(
            element_at(split(path, '/'), -3), '/', element_at(split(path, '/'), -2)
        ) as table_name
        from tessera_raw_files
    {%- endset -%}
    {%- do return(run_query(query).columns[0].values() | list) -%}
{%- endmacro -%}

{%- macro spark_create_raw_tables(raw, tables, present) -%}
{#- Spark finds the columns of a table's files, all of them, when the table over them is made: that is what is checked
    against the contract. Models read a view of the contract's columns in its types. -#}
    {%- for schema in tables | map(attribute='schema') | unique -%}
        {%- do run_query('create schema if not exists ' ~ adapter.quote(schema)) -%}
    {%- endfor -%}
    {%- set problems = [] -%}
    {%- for table in present -%}
        {%- set files = spark_files_relation(table) -%}
        {%- set folder = raw ~ '/' ~ table.source_name ~ '/' ~ table.name -%}
        {%- do run_query('drop table if exists ' ~ files) -%}
        {%- do run_query(
            'create table ' ~ files ~ ' using parquet options (' ~ "mergeSchema 'true', path "
            ~ dbt.string_literal(dbt.escape_single_quotes(folder)) ~ ')'
        ) -%}
        {%- do problems.extend(
            raw_table_problems(table, adapter.get_columns_in_relation(files), folder)
        ) -%}
    {%- endfor -%}
    {%- do tessera.stop_on_contract_problems(problems) -%}
    {%- for table in tables -%}
        {%- set query -%}
            create or replace view {{ table.relation_name }} as
            select
                {%- for column in table.columns.values() %}
                {%- set value = column.name if table in present else 'null' %}
                cast({{ value }} as {{ spark_column_type(column.data_type) }}) as {{ column.name }}
                {{- ',' if not loop.last }}
                {%- endfor %}
            {%- if table in present %}
            from {{ spark_files_relation(table) }}
            {%- else %}
            where false
            {%- endif -%}
        {%- endset -%}
        {%- do run_query(query) -%}
    {%- endfor -%}
{%- endmacro -%}

{%- macro spark_files_relation(table) -%}
    {%- do return(api.Relation.create(schema=table.schema, identifier=table.name ~ '__files', type='table')) -%}
{%- endmacro -%}

{%- macro spark_column_type(data_type) -%}
{#- A type of the contract by its name on Spark. -#}
    {%- do return('string' if data_type == 'text' else data_type) -%}
{%- endmacro -%}
