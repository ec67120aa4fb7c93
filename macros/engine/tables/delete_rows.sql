{#- Taking rows out of a table that is kept from run to run. -#}

{%- macro statements_that_delete(relation, condition) -%}
{#- A list of statements after which the rows that meet a condition are gone; macro run_in_turn runs them. -#}
    {{ return(adapter.dispatch('statements_that_delete', 'tessera')(relation, condition)) }}
{%- endmacro -%}

{%- macro default__statements_that_delete(relation, condition) -%}
    {{ return(['delete from ' ~ relation ~ ' where ' ~ condition]) }}
{%- endmacro -%}

{%- macro spark__statements_that_delete(relation, condition) -%}
{#- A table of Parquet files can only be written anew, and not by a query that reads it. So the rows that stay wait in
    `<table>__kept`. One that is found there is left of a run that was stopped before it had written them back: they are
    written first. -#}
    {%- set name = relation.identifier ~ '__kept' -%}
    {%- set kept = api.Relation.create(schema=relation.schema, identifier=name, type='table') -%}
    {%- set write_back = ['insert overwrite table ' ~ relation ~ ' select * from ' ~ kept, 'drop table ' ~ kept] -%}
    {%- set found = run_query('show tables in ' ~ relation.schema ~ " like '" ~ name ~ "'").rows | length > 0 -%}
    {%- set rows = kept if found else relation -%}
    {%- set one = run_query('select 1 from ' ~ rows ~ ' where ' ~ condition ~ ' limit 1').rows -%}
    {%- set delete = ['create table ' ~ kept ~ ' using parquet as select * from ' ~ relation
        ~ ' where not coalesce(' ~ condition ~ ', false)'] + write_back -%}
    {{ return((write_back if found else []) + (delete if one else [])) }}
{%- endmacro -%}

{%- macro run_in_turn(statements) -%}
{#- For a hook of several statements: on an engine with transactions they are the hook's text and part of the model's own
    transaction. -#}
    {{ return(adapter.dispatch('run_in_turn', 'tessera')(statements)) }}
{%- endmacro -%}

{%- macro default__run_in_turn(statements) -%}
    {{ return(statements | join(';\n')) }}
{%- endmacro -%}

{%- macro spark__run_in_turn(statements) -%}
{#- Spark takes one statement at a time. -#}
    {%- for statement in statements -%}
        {%- do run_query(statement) -%}
    {%- endfor -%}
    {{ return('') }}
{%- endmacro -%}

{%- macro forget_day(column) -%}
{#- Before a table that is kept from run to run takes the rows of the day that this run describes: those of an earlier run
    for the day leave it. `column`: the date that a row is of. -#}
    {%- if execute and load_relation(this) -%}
    {{ run_in_turn(statements_that_delete(this, column ~ ' = cast(' ~ as_of() ~ ' as date)')) }}
    {%- endif -%}
{%- endmacro -%}
