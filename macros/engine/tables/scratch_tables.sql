{#- Tables that a macro makes on its way and drops itself. -#}

{%- macro scratch_prefix(relation) -%}
{#- With what the names of the scratch tables of a model begin. -#}
    {{ return(adapter.dispatch('scratch_prefix', 'tessera')(relation)) }}
{%- endmacro -%}

{%- macro default__scratch_prefix(relation) -%}
    {{ return(relation.identifier ~ '__') }}
{%- endmacro -%}

{%- macro spark__scratch_prefix(relation) -%}
{#- Spark has no temporary tables: they stand in the model's schema. -#}
    {{ return(relation.schema ~ '.' ~ relation.identifier ~ '__') }}
{%- endmacro -%}

{%- macro make_scratch_table(name, sql) -%}
{#- A table of that name with the rows of a query; another of that name is replaced. -#}
    {{ return(adapter.dispatch('make_scratch_table', 'tessera')(name, sql)) }}
{%- endmacro -%}

{%- macro default__make_scratch_table(name, sql) -%}
    {%- do run_query('create or replace temporary table ' ~ name ~ ' as ' ~ sql) -%}
{%- endmacro -%}

{%- macro spark__make_scratch_table(name, sql) -%}
    {%- do run_query('drop table if exists ' ~ name) -%}
    {%- do run_query('create table ' ~ name ~ ' using parquet as ' ~ sql) -%}
{%- endmacro -%}

{%- macro make_scratch_view(name, sql) -%}
{#- A name for a query that is read several times. -#}
    {{ return(adapter.dispatch('make_scratch_view', 'tessera')(name, sql)) }}
{%- endmacro -%}

{%- macro default__make_scratch_view(name, sql) -%}
    {%- do run_query('create or replace temporary view ' ~ name ~ ' as ' ~ sql) -%}
{%- endmacro -%}

{%- macro spark__make_scratch_view(name, sql) -%}
{#- A temporary view would be planned and computed anew by every query that reads it. -#}
    {%- do tessera.make_scratch_table(name, sql) -%}
{%- endmacro -%}

{%- macro drop_scratch_view(name) -%}
    {{ return(adapter.dispatch('drop_scratch_view', 'tessera')(name)) }}
{%- endmacro -%}

{%- macro default__drop_scratch_view(name) -%}
    {%- do run_query('drop view ' ~ name) -%}
{%- endmacro -%}

{%- macro spark__drop_scratch_view(name) -%}
    {%- do run_query('drop table ' ~ name) -%}
{%- endmacro -%}
