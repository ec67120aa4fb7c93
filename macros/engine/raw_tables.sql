{#- Where raw tables come from: on DuckDB parquet files, shown as views; elsewhere tables that the
    adopter keeps in the schemas raw_<source>. -#}

{%- macro default__prepare_raw_tables(tables) -%}
    {%- set problems = [] -%}
    {%- for table in tables -%}
        {%- set name = table.source_name ~ '/' ~ table.name -%}
        {%- set relation = adapter.get_relation(table.database, table.schema, table.identifier) -%}
        {%- if relation is none -%}
            {%- do exceptions.raise_compiler_error(
                name ~ ': there is no table ' ~ table.schema ~ '.' ~ table.identifier
                ~ '. Create it, empty if you have no such data.'
            ) -%}
        {%- endif -%}
        {%- do problems.extend(
            raw_table_problems(table, adapter.get_columns_in_relation(relation), relation)
        ) -%}
    {%- endfor -%}
    {%- do tessera.stop_on_contract_problems(problems) -%}
{%- endmacro -%}

{%- macro raw_table_problems(table, columns, place) -%}
{#- Where the columns of a raw table are not those of the contract: one text a column. -#}
    {%- set found = {} -%}
    {%- for column in columns -%}
        {%- do found.update({column.name | lower: column.dtype | lower}) -%}
    {%- endfor -%}
    {%- set problems = [] -%}
    {%- for column in table.columns.values() -%}
        {%- set type = found.get(column.name, 'no such column') -%}
        {%- if type.split('(')[0] not in accepted_column_types()[column.data_type] -%}
            {%- do problems.append(tessera.contract_problem(
                table.source_name ~ '/' ~ table.name, column.name, column.data_type, type, place
            )) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(problems) -%}
{%- endmacro -%}

{%- macro accepted_column_types() -%}
{#- Contract type: names of the engines' types that hold nothing that it cannot hold. -#}
    {%- set integers = [
        'tinyint', 'smallint', 'int', 'integer', 'bigint', 'byte', 'short', 'long'
    ] -%}
    {%- do return({
        'text': ['string', 'varchar', 'character varying', 'text', 'char'],
        'bigint': integers,
        'double': integers + ['double', 'double precision', 'float', 'real', 'decimal', 'numeric'],
        'timestamp': ['timestamp', 'timestamp_ntz', 'timestamp without time zone'],
        'date': ['date'],
        'boolean': ['boolean'],
    }) -%}
{%- endmacro -%}

{%- macro duckdb__prepare_raw_tables(tables) -%}
    {%- set raw = (env_var('TESSERA_RAW', 'data/raw') or 'data/raw').rstrip('/') -%}
    {%- set with_files = duckdb_tables_with_files(raw, tables) -%}
    {%- set without = [] -%}
    {%- for table in tables if table.unique_id not in with_files -%}
        {%- do without.append(table.source_name ~ '/' ~ table.name) -%}
    {%- endfor -%}
    {%- if with_files and without -%}
        {%- do log(
            'notice: no files under ' ~ raw ~ ' for ' ~ without | join(', ')
            ~ ': counted as empty tables',
            info=true
        ) -%}
    {%- endif -%}
    {%- if not with_files -%}
        {%- do exceptions.raise_compiler_error(
            'There is nothing to build from: the folder ' ~ raw ~ ' does not exist or holds no '
            ~ 'file <source>/<table>/*.parquet of the input contract (docs/input-contract.md). '
            ~ 'Set the environment variable TESSERA_RAW to the folder that does; `make build` '
            ~ 'makes demo files.'
        ) -%}
    {%- endif -%}
    {%- do tessera.stop_on_contract_problems(duckdb_contract_problems(raw, tables, with_files)) -%}
    {%- do duckdb_create_raw_views(raw, tables, with_files) -%}
{%- endmacro -%}

{%- macro duckdb_raw_pattern(raw, table) -%}
{#- SQL text literal of the pattern that matches a table's files. A folder name may hold quotes and
    the letters that a pattern would read as its own. -#}
    {%- set folder = raw | replace('[', '[[]') | replace('*', '[*]') | replace('?', '[?]') -%}
    {%- set pattern = folder ~ '/' ~ table.source_name ~ '/' ~ table.name ~ '/*.parquet' -%}
    {%- do return(dbt.string_literal(dbt.escape_single_quotes(pattern))) -%}
{%- endmacro -%}

{%- macro duckdb_raw_files(raw, tables) -%}
{#- A subquery: one row per raw file, with the unique_id of its table. -#}
    {%- for table in tables %}
    select '{{ table.unique_id }}' as table_id, file as file_name
    from glob({{ duckdb_raw_pattern(raw, table) }})
    {%- if not loop.last %} union all {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}

{%- macro duckdb_tables_with_files(raw, tables) -%}
    {%- set query -%}
        select distinct table_id from ({{ duckdb_raw_files(raw, tables) }}) as raw_files
    {%- endset -%}
    {%- do return(run_query(query).columns['table_id'].values() | list) -%}
{%- endmacro -%}

{%- macro duckdb_contract_problems(raw, tables, with_files) -%}
{#- Asks the files' own footers, so that each file is checked and a problem names its file. -#}
    {%- set present = tables | selectattr('unique_id', 'in', with_files) | list -%}
    {%- set query -%}
        with raw_files as ({{ duckdb_raw_files(raw, present) }}),

        contract(table_id, table_name, column_number, column_name, expected) as (
            values
            {%- for table in present -%}
                {%- set last_table = loop.last -%}
                {%- for column in table.columns.values() %}
                (
                    '{{ table.unique_id }}', '{{ table.source_name }}/{{ table.name }}',
                    {{ loop.index }}, '{{ column.name }}', '{{ column.data_type }}'
                ){{ ',' if not (last_table and loop.last) }}
                {%- endfor -%}
            {%- endfor %}
        ),

        -- Types that hold nothing that the contract's type cannot. NULL is the type of a column
        -- that its writer never saw a value for.
        accepted(expected, pattern) as (
            values
                ('text', 'VARCHAR|JSON|NULL'),
                ('bigint', 'U?(TINYINT|SMALLINT|INTEGER)|BIGINT|NULL'),
                ('double', 'U?(TINYINT|SMALLINT|INTEGER|BIGINT)|FLOAT|DOUBLE|DECIMAL.*|NULL'),
                ('timestamp', 'TIMESTAMP(_S|_MS|_NS)?|NULL'),
                ('date', 'DATE|NULL'),
                ('boolean', 'BOOLEAN|NULL')
        ),

        -- A footer lists a column before its fields. Each finished column lowers the sum by one,
        -- so a row stands at the top level exactly where the sum reaches a new low.
        footers as (
            select
                file_name,
                column_id,
                name,
                replace(duckdb_type, '"', '') as found,
                1 + sum(coalesce(num_children, 0) - 1) over (
                    partition by file_name order by column_id
                ) - coalesce(num_children, 0) as open_fields
            from parquet_schema([
                {%- for table in present %}
                {{ duckdb_raw_pattern(raw, table) }}{{ ',' if not loop.last }}
                {%- endfor %}
            ])
            where column_id > 0
        ),

        columns_found as (
            select
                file_name,
                lower(name) as column_name,
                found,
                open_fields < coalesce(min(open_fields) over (
                    partition by file_name
                    order by column_id
                    rows between unbounded preceding and 1 preceding
                ), 1) as is_top_level
            from footers
        ),

        compared as (
            select
                contract.*,
                raw_files.file_name,
                coalesce(columns_found.found, 'no such column') as found,
                coalesce(regexp_full_match(columns_found.found, accepted.pattern), false)
                    as is_accepted
            from contract
            inner join accepted
                on contract.expected = accepted.expected
            inner join raw_files
                on contract.table_id = raw_files.table_id
            left join columns_found
                on raw_files.file_name = columns_found.file_name
                and contract.column_name = columns_found.column_name
                and columns_found.is_top_level
        ),

        unaccepted as (
            select
                table_name,
                column_number,
                column_name,
                expected,
                found,
                min(file_name) || case
                    when count(*) > 1 then ' and ' || (count(*) - 1) || ' more' else ''
                end as place
            from compared
            where not is_accepted
            group by table_name, column_number, column_name, expected, found
        ),

        -- DuckDB reads a column whose files differ in one type for all of them. It takes FLOAT for
        -- FLOAT with DECIMAL or integers, which rounds, and JSON for JSON with text, which fails.
        mixed as (
            select
                table_name,
                column_number,
                column_name,
                expected,
                string_agg(distinct found, ' in some files, ' order by found) || ' in others' as found,
                min(file_name) || ' and others' as place
            from compared
            where is_accepted and found <> 'NULL'
            group by table_name, column_number, column_name, expected
            having
                count(distinct found) > 1
                and (
                    expected = 'text'
                    or (bool_or(found = 'FLOAT') and not bool_or(found = 'DOUBLE'))
                )
        )

        select table_name, column_name, expected, found, place
        from (select * from unaccepted union all select * from mixed) as problems
        order by table_name, column_number, found
    {%- endset -%}
    {%- set problems = [] -%}
    {%- for row in run_query(query).rows -%}
        {%- do problems.append(tessera.contract_problem(row[0], row[1], row[2], row[3], row[4])) -%}
    {%- endfor -%}
    {%- do return(problems) -%}
{%- endmacro -%}

{%- macro duckdb_create_raw_views(raw, tables, with_files) -%}
{#- Only columns of the contract, in its types. A folder name such as day=1 adds no column. -#}
    {%- set query -%}
        {%- for schema in tables | map(attribute='schema') | unique %}
        create schema if not exists
            {{ adapter.quote(tables[0].database) }}.{{ adapter.quote(schema) }};
        {%- endfor -%}
        {%- for table in tables %}
        create or replace view {{ table.relation_name }} as
        select
            {%- for column in table.columns.values() %}
            {%- set value = column.name if table.unique_id in with_files else 'null' %}
            cast({{ value }} as {{ column.data_type }}) as {{ column.name }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        {%- if table.unique_id in with_files %}
        from read_parquet(
            {{ duckdb_raw_pattern(raw, table) }}, union_by_name = true, hive_partitioning = false
        );
        {%- else %}
        where false;
        {%- endif -%}
        {%- endfor %}
    {%- endset -%}
    {%- do run_query(query) -%}
{%- endmacro -%}
