{#- What can be reached from some rows by a step that is repeated until it finds nothing new. -#}

{%- macro everything_reached(ctes, start, step, steps_read) -%}
{#-
    The body of the CTE `reached`, in a `with recursive`. `ctes`: the text of the CTEs before it, of which `start` names
    the one of the first rows; `step`: a select from `reached` and from the one CTE that `steps_read` names, without an
    aggregate. A row that was found twice is one.
-#}
    {{ return(adapter.dispatch('everything_reached', 'tessera')(ctes, start, step, steps_read)) }}
{%- endmacro -%}

{%- macro default__everything_reached(ctes, start, step, steps_read) -%}
    select * from {{ start }}
    union
    {{ step }}
{%- endmacro -%}

{%- macro spark__everything_reached(ctes, start, step, steps_read) -%}
{#- Spark's recursion knows `union all` only, which walks in a circle for ever. So the steps are taken one by one, each
    into a table of its own; drop_reached_tables, as a hook after the model, removes them. -#}
    {%- set names = reached_tables(this) -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        {%- do make_scratch_table(names.links, 'with ' ~ ctes ~ ' select * from ' ~ steps_read) -%}
        {%- do make_scratch_table(names.reached[0], 'with ' ~ ctes ~ ' select * from ' ~ start) -%}
        {%- set state = namespace(last=names.reached[0], found=-1) -%}
        {%- set state.count = run_query('select count(*) from ' ~ state.last).columns[0].values()[0] -%}
        {%- for round in range(10000) if state.count > state.found -%}
            {%- set state.found = state.count -%}
            {%- set next = names.reached[1 - loop.index0 % 2] -%}
            {%- do make_scratch_table(
                next,
                'with ' ~ steps_read ~ ' as (select * from ' ~ names.links ~ '), reached as (select * from '
                ~ state.last ~ ') select * from reached union ' ~ step
            ) -%}
            {%- set state.last = next -%}
            {%- set state.count = run_query('select count(*) from ' ~ next).columns[0].values()[0] -%}
        {%- endfor -%}
    select * from {{ state.last }}
    {%- else -%}
    select * from {{ names.reached[0] }}
    {%- endif -%}
{%- endmacro -%}

{%- macro read_often(name, sql, ctes) -%}
{#- A CTE of a model that uses everything_reached, which many others read: `name as (sql)`, where `ctes` is the text of those
    that it reads itself. -#}
    {{ return(adapter.dispatch('read_often', 'tessera')(name, sql, ctes)) }}
{%- endmacro -%}

{%- macro default__read_often(name, sql, ctes) -%}
    {{ name }} as (
    {{ sql }}
)
{%- endmacro -%}

{%- macro spark__read_often(name, sql, ctes) -%}
{#- Spark plans and computes a CTE anew wherever it is read. -#}
    {%- set table = reached_tables(this).often -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        {%- do make_scratch_table(table, 'with ' ~ ctes ~ ' ' ~ sql) -%}
    {%- endif -%}
    {{ name }} as (select * from {{ table }})
{%- endmacro -%}

{%- macro reached_tables(relation) -%}
{#- The tables that spark__everything_reached makes for a model. -#}
    {%- set prefix = scratch_prefix(relation) -%}
    {%- do return({
        'links': prefix ~ 'steps',
        'reached': [prefix ~ 'reached_even', prefix ~ 'reached_odd'],
        'often': prefix ~ 'often',
    }) -%}
{%- endmacro -%}

{%- macro drop_reached_tables(relation) -%}
{#- Hook after a model that uses everything_reached. -#}
    {{ return(adapter.dispatch('drop_reached_tables', 'tessera')(relation)) }}
{%- endmacro -%}

{%- macro default__drop_reached_tables(relation) -%}
{%- endmacro -%}

{%- macro spark__drop_reached_tables(relation) -%}
    {%- if execute -%}
        {%- set names = reached_tables(relation) -%}
        {%- for name in [names.links, names.often] + names.reached -%}
            {%- do run_query('drop table if exists ' ~ name) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro -%}
