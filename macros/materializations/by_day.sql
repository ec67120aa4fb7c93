{#-
    Materialization `by_day`: a table that is made day by day, and of which a run makes only the days whose source changed.

    A model says which days it reads with in_days(), which stands for all of them until the materialization puts the
    bounds of a few days there. Each row bears its day in the column that `day_column` names (this and what follows stand
    in the meta of the model's configuration), and a day of the table must follow from the same day of what the model
    reads, from seeds, variables and the model's text, and from nothing else: then any order of runs gives what one run
    from the beginning gives.

    Beside the table stands `<model>__days`, a row a day: version, by which readers see that the day changed, and
    source_version, that of what it was made of; source_rows and row_count, how many rows it was made of and has;
    arrived_at, when the last of them was received; made_of, what it was made with; checked_at, the last run that went
    through. Where another model of this kind is upstream, every day is made again whose version there is not the one
    it was made of. A model without one reads a raw table; raw_days.sql says which days are due there.

    Everything is made again where seeds, variables of rows or the text of the model or of a view that it reads have
    changed, and by --full-refresh.

    Days are made in steps of at most `rows_per_step` rows, so that memory does not grow with history. A step is one
    transaction: a run that was killed leaves whole days, and the next one goes on from there.
-#}

{% materialization by_day, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set days = days_of(this) -%}
    {%- set upstream = upstream_of_days(model.unique_id) -%}
    {%- set made_of = made_of_what(upstream) -%}
    {%- set is_update = can_update_days(existing_relation, days, made_of) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set steps = steps_of_days(days, upstream, is_update) -%}
    {% if is_update %}
        {% for step in steps %}
            {% do make_days_again(target_relation, days, upstream, step, made_of) %}
        {% endfor %}
    {% else %}
        {% do make_all_days(target_relation, existing_relation, days, upstream, steps, made_of) %}
    {% endif %}
    {#- Every day is what it should be, as of this run; one that was killed did not come as far. -#}
    {% call statement('main') -%}
        {% if is_update %}update {{ days }} set checked_at = {{ run_time() }}{% else %}select 1{% endif %}
    {%- endcall %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% macro in_days(column) -%}
{#- Whether a date or timestamp lies in the days that are being made. -#}
    ({{ column }} >= cast('0001-01-01' as date) and {{ column }} < cast('9999-12-31' as date))
{%- endmacro %}


{% macro only_days(sql, step) %}
{#- A model's SQL, reading the days of a step. -#}
    {{ return(
        sql | replace("cast('0001-01-01' as date)", "cast('" ~ step.first ~ "' as date)")
        | replace("cast('9999-12-31' as date)", "cast('" ~ step.after ~ "' as date)")
    ) }}
{% endmacro %}


{% macro days_of(relation) %}
{#- The table that remembers the days of a model of this kind. -#}
    {{ return(api.Relation.create(
        database=relation.database, schema=relation.schema, identifier=relation.identifier ~ '__days', type='table'
    )) }}
{% endmacro %}


{% macro upstream_of_days(unique_id) %}
{#- What a model's rows follow from: the days of the nearest models of this kind upstream (none: it reads a raw table), and
    the seeds and files of all that lies between. -#}
    {%- set found = {'days': [], 'seeds': [], 'files': []} -%}
    {%- set state = namespace(ids=[unique_id]) -%}
    {%- set seen = [] -%}
    {% for depth in range(64) if state.ids %}
        {%- set next_ids = [] -%}
        {% for id in state.ids | unique if id in graph.nodes and id not in seen %}
            {%- do seen.append(id) -%}
            {%- set node = graph.nodes[id] -%}
            {%- set relation = api.Relation.create(
                database=node.database, schema=node.schema, identifier=node.alias
            ) -%}
            {% if node.resource_type == 'seed' %}
                {%- do found.seeds.append(relation) -%}
            {% elif node.config.materialized == 'by_day' and id != unique_id %}
                {%- do found.days.append(days_of(relation)) -%}
            {% elif node.config.materialized == 'view' or id == unique_id %}
                {%- do found.files.append(node.checksum.checksum) -%}
                {%- do next_ids.extend(node.depends_on.nodes) -%}
            {% endif %}
        {% endfor %}
        {%- set state.ids = next_ids -%}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{% macro made_of_what(upstream) %}
{#- A fingerprint of what is the same for all days: the model and the views it reads by their text, seeds by their rows,
    and the variables that decide what a row of a raw table becomes. -#}
    {%- set parts = [sql] + upstream.files | sort -%}
    {% for name in ['earliest_timestamp', 'clock_skew_days', 'reporting_currency'] %}
        {%- do parts.append(var(name) | string) -%}
    {% endfor %}
    {% for seed in upstream.seeds | sort(attribute='identifier') %}
        {%- set query = 'select ' ~ rows_fingerprint('seed') ~ ' as fingerprint from ' ~ seed ~ ' as seed' -%}
        {%- do parts.append(run_query(query).columns[0].values()[0]) -%}
    {% endfor %}
    {{ return(local_md5(parts | join('|'))) }}
{% endmacro %}


{% macro can_update_days(existing_relation, days, made_of) %}
{#- Whether table and memory of the days are there and were made of the same as today. -#}
    {% if not has_transactions() or should_full_refresh() or existing_relation is none
        or not has_columns(load_cached_relation(days), columns_of_days()) %}
        {{ return(false) }}
    {% endif %}
    {%- set query = "select count(*) from " ~ days ~ " where made_of <> '" ~ made_of ~ "'" -%}
    {{ return(run_query(query).columns[0].values()[0] == 0) }}
{% endmacro %}


{% macro columns_of_days() %}
    {{ return([
        'day', 'version', 'source_version', 'source_rows', 'row_count', 'arrived_at', 'made_of', 'checked_at',
    ]) }}
{% endmacro %}


{% macro steps_of_days(days, upstream, is_update) %}
{#- The days that are due, as ranges {first, after} of at most rows_per_step rows of their source. Between two days of a
    range lies none that is not due. -#}
    {% if not upstream.days %}
        {%- set due = raw_days_due(days, is_update) -%}
    {% elif is_update %}
        {%- set due -%}
            select coalesce(upstream.day, known.day) as day, coalesce(upstream.source_rows, 0) as row_count
            from ({{ days_upstream(upstream) }}) as upstream
            full outer join {{ days }} as known on upstream.day = known.day
            where upstream.source_version is distinct from known.source_version
        {%- endset -%}
    {% else %}
        {%- set due = 'select day, source_rows as row_count from (' ~ days_upstream(upstream) ~ ') as upstream' -%}
    {% endif %}
    {%- set query -%}
        select cast(day as {{ dbt.type_string() }}) as first,
            cast(cast({{ dbt.dateadd('day', 1, 'day') }} as date) as {{ dbt.type_string() }}) as after, row_count
        from ({{ due }}) as due
        order by day
    {%- endset -%}
    {%- set steps = [] -%}
    {% for row in run_query(query).rows %}
        {%- set last = steps[-1] if steps else none -%}
        {%- set rows = row['row_count'] | int -%}
        {%- set follows = last and (last.after == row['first'] or not is_update) -%}
        {% if follows and last.rows + rows <= model.config.meta.get('rows_per_step') %}
            {%- do last.update({'after': row['after'], 'rows': last.rows + rows}) -%}
        {% else %}
            {%- do steps.append({'first': row['first'], 'after': row['after'], 'rows': rows}) -%}
        {% endif %}
    {% endfor %}
    {{ return(steps) }}
{% endmacro %}


{% macro days_upstream(upstream) %}
{#- The days of the models upstream: day, source_version, source_rows. -#}
    {%- set versions = [] -%}
    {% for days in upstream.days | sort(attribute='identifier') %}
        {%- do versions.append(
            'select day, version, row_count, ' ~ loop.index ~ ' as input from ' ~ days
        ) -%}
    {% endfor %}
    {%- set all_versions = dbt.listagg('version', "' '", 'order by input') -%}
    {{ return(
        'select day, ' ~ all_versions ~ ' as source_version, max(row_count) as source_rows from ('
        ~ versions | join(' union all ') ~ ') as versions group by day'
    ) }}
{% endmacro %}


{% macro sources_of_days(upstream, step) %}
{#- The days of a step as their source has them: day, source_version, source_rows. A raw table has no versions. -#}
    {% if not upstream.days %}
        {{ return(raw_days(step)) }}
    {% endif %}
    {{ return(
        'select * from (' ~ days_upstream(upstream) ~ ') as upstream where ' ~ only_days(in_days('day'), step)
    ) }}
{% endmacro %}


{% macro describe_days(rows, upstream, step, made_of, checked_at) %}
{#- One row per day of a step, as `<model>__days` remembers it; rows: where the step's rows stand. -#}
    {%- set arrival = model.config.meta.get('arrival') -%}
    select
        sources.day,
        coalesce(md5(sources.source_version || '{{ made_of }}'), '{{ invocation_id }}') as version,
        sources.source_version,
        sources.source_rows,
        coalesce(made.row_count, 0) as row_count,
        made.arrived_at,
        '{{ made_of }}' as made_of,
        {{ checked_at }} as checked_at
    from ({{ sources_of_days(upstream, step) }}) as sources
    left join (
        select
            {{ model.config.meta.get('day_column') }} as day,
            count(*) as row_count,
            {{ 'max(' ~ arrival ~ ')' if arrival else 'cast(null as timestamp)' }} as arrived_at
        from {{ rows }}
        where {{ only_days(in_days(model.config.meta.get('day_column')), step) }}
        group by {{ model.config.meta.get('day_column') }}
    ) as made on sources.day = made.day
{% endmacro %}


{% macro make_all_days(target_relation, existing_relation, days, upstream, steps, made_of) %}
{#- From the beginning, beside what is there, which it replaces at the end. The memory goes first and comes last: a table
    without it is made again. -#}
    {%- set finished = make_intermediate_relation(target_relation) -%}
    {%- set finished_days = make_intermediate_relation(days) -%}
    {%- set backup_relation = make_backup_relation(target_relation, 'table') -%}
    {% for relation in [finished, finished_days, backup_relation] %}
        {{ drop_relation_if_exists(load_cached_relation(relation)) }}
    {% endfor %}
    {%- set nothing = {'first': '0001-01-01', 'after': '0001-01-01'} -%}
    {% for step in steps or [nothing] %}
        {%- set rows = only_days(sql, step) -%}
        {%- set memory = describe_days(finished, upstream, step, made_of, run_time()) -%}
        {% if loop.first %}
            {% do run_query(create_table_as(False, finished, rows)) %}
            {% do run_query(create_table_as(False, finished_days, memory)) %}
        {% else %}
            {% do run_query('insert into ' ~ finished ~ ' ' ~ rows) %}
            {% do run_query('insert into ' ~ finished_days ~ ' ' ~ memory) %}
        {% endif %}
    {% endfor %}
    {{ drop_relation_if_exists(load_cached_relation(days)) }}
    {% if existing_relation is not none %}
        {{ adapter.rename_relation(existing_relation, backup_relation) }}
    {% endif %}
    {{ adapter.rename_relation(finished, target_relation) }}
    {{ adapter.rename_relation(finished_days, days) }}
    {% if existing_relation is not none %}
        {{ drop_relation_if_exists(backup_relation) }}
    {% endif %}
{% endmacro %}


{% macro make_days_again(target_relation, days, upstream, step, made_of) %}
{#- The rows of a step replace those of its days, in one transaction. A day that a raw table gives again as it was keeps
    its version, and so do all that are made of it. -#}
    {%- set rows, described = scratch_prefix(this) ~ 'step', scratch_prefix(this) ~ 'step_days' -%}
    {% do make_scratch_table(rows, only_days(sql, step)) %}
    {% do make_scratch_table(described, describe_days(rows, upstream, step, made_of, 'cast(null as timestamp)')) %}
    {%- set changed = none if upstream.days else changed_days(target_relation, rows, step) -%}
    {%- set is_changed = only_days(in_days(model.config.meta.get('day_column')), step) -%}
    {% if changed is not none %}
        {%- set is_changed = is_changed ~ ' and ' ~ model.config.meta.get('day_column') ~ ' in (' ~ changed ~ ')' -%}
        {% do run_query('update ' ~ described ~ ' set version = known.version from ' ~ days ~ ' as known where '
            ~ described ~ '.day = known.day and ' ~ described ~ '.day not in (' ~ changed ~ ')') %}
    {% endif %}
    {% call statement('delete_rows') -%}
        delete from {{ target_relation }} where {{ is_changed }}
    {%- endcall %}
    {% call statement('insert_rows') -%}
        insert into {{ target_relation }} by name select * from {{ rows }} where {{ is_changed }}
    {%- endcall %}
    {% call statement('delete_days') -%}
        delete from {{ days }} where {{ only_days(in_days('day'), step) }}
    {%- endcall %}
    {% call statement('insert_days') -%}
        insert into {{ days }} by name select * from {{ described }}
    {%- endcall %}
    {{ adapter.commit() }}
    {% for table in [rows, described] %}
        {% do run_query('drop table ' ~ table) %}
    {% endfor %}
{% endmacro %}


{% macro changed_days(target_relation, rows, step) %}
{#- The days of a step whose rows are not those that the table has, as a list of literals. -#}
    {%- set day = model.config.meta.get('day_column') -%}
    {%- set query -%}
        with found as (
            select {{ day }} as day, {{ rows_fingerprint('found_row') }} as fingerprint
            from {{ rows }} as found_row
            group by {{ day }}
        ),

        known as (
            select {{ day }} as day, {{ rows_fingerprint('known_row') }} as fingerprint
            from {{ target_relation }} as known_row
            where {{ only_days(in_days(day), step) }}
            group by {{ day }}
        )

        select cast(coalesce(found.day, known.day) as {{ dbt.type_string() }}) as day
        from found
        full outer join known on found.day = known.day
        where found.fingerprint is distinct from known.fingerprint
    {%- endset -%}
    {%- set literals = ["cast('0001-01-01' as date)"] -%}
    {% for day in run_query(query).columns[0].values() %}
        {%- do literals.append("cast('" ~ day ~ "' as date)") -%}
    {% endfor %}
    {{ return(literals | join(', ')) }}
{% endmacro %}
