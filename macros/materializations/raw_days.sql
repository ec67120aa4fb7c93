{#-
    Which days of a raw table are due in a model that is made by day (by_day.sql).

    The model's configuration `raw_days` names a view of one row per raw row: day; happened_at, from which the day
    follows; arrived_at, when the row was received, null where the raw table does not say. A row without a believable
    happened_at belongs to undated_day(). A row that does not say when it was received counts as received when it happened.

    Where rows say when they arrived (`says_arrival`), a run looks at those that arrived since the last one known, less
    `lateness_days`, and makes the days again that they belong to, however long ago these are. So its cost follows what
    arrives. A row that comes into the raw table later than that is counted by the test late_rows_are_loaded, and taken
    in by the variable `reload_late_rows`, with which, and always where rows do not say when they arrived, each day is
    made again whose number of raw rows is not the one it was made of.

    A day on which a row bears an identifier (`identifier_ids`, expressions over the table's columns) of somebody who has
    been erased since is made again too.
-#}

{% macro undated_day() -%}
{#- The day of rows that have none: the first of Unix time, which no accepted row has. -#}
    cast('1970-01-01' as date)
{%- endmacro %}


{% macro is_undated(timestamp) -%}
{#- Whether a moment is missing, or none at all: such a row is refused. -#}
    ({{ timestamp }} is null or {{ is_too_old(timestamp) }} or {{ is_unbounded(timestamp) }})
{%- endmacro %}


{% macro day_of(timestamp) -%}
    case when {{ is_undated(timestamp) }} then {{ undated_day() }} else cast({{ timestamp }} as date) end
{%- endmacro %}


{% macro raw_days_relation() %}
    {{ return(ref(model.config.meta.get('raw_days'))) }}
{% endmacro %}


{% macro raw_days(step) %}
{#- The raw rows of each day of a step, asked so that files are skipped by their statistics. -#}
    select day, cast(null as {{ dbt.type_string() }}) as source_version, count(*) as source_rows
    from (
        select day from {{ raw_days_relation() }}
        where not {{ is_undated('happened_at') }} and {{ only_days(in_days('happened_at'), step) }}
        union all
        select day from {{ raw_days_relation() }}
        where {{ is_undated('happened_at') }} and {{ only_days(in_days(undated_day()), step) }}
    ) as raw_rows
    group by day
{% endmacro %}


{% macro raw_days_due(days, is_update) %}
{#- A query of the days that are due: day, row_count (at least). -#}
    {%- set raw = raw_days_relation() -%}
    {%- set counted = 'select day, count(*) as row_count from ' ~ raw ~ ' group by day' -%}
    {% if not is_update %}
        {{ return(counted) }}
    {% endif %}
    {%- set known = run_query(
        'select cast(cast(max(arrived_at) as date) as ' ~ dbt.type_string() ~ ') as arrived_on, cast(min(checked_at) as '
        ~ dbt.type_string() ~ ') as checked_at from ' ~ days
    ).rows[0] -%}
    {%- set since = dbt.dateadd('day', -var('lateness_days'), "cast('" ~ known['arrived_on'] ~ "' as date)") -%}
    {%- set queries = [] -%}
    {% if known['arrived_on'] and model.config.meta.get('says_arrival') and not var('reload_late_rows') %}
        {%- do queries.append(
            'select day, count(*) as row_count from ' ~ raw ~ ' where arrived_at >= ' ~ since ~ ' group by day'
        ) -%}
        {%- do queries.append(
            'select day, count(*) as row_count from ' ~ raw ~ ' where arrived_at is null and (happened_at >= ' ~ since
            ~ ' or happened_at is null) group by day'
        ) -%}
        {#- Those of the last days whose rows may have left the raw table. -#}
        {%- do queries.append('select day, 0 as row_count from ' ~ days ~ ' where day >= ' ~ since) -%}
    {% else %}
        {#- Beside those whose number of rows changed: the latest ones, whose rows may have been put right, and those that
            were not over when they were made, whose rows may have been refused for it. -#}
        {%- set from_day = ('least(' ~ since ~ ', ' ~ dbt.dateadd(
            'day', -1 - var('clock_skew_days'), "cast('" ~ known['checked_at'] ~ "' as timestamp)"
        ) ~ ')') if known['arrived_on'] and known['checked_at'] else "cast('0001-01-01' as date)" -%}
        {%- do queries.append(
            'select coalesce(counted.day, known.day) as day, coalesce(counted.row_count, 0) as row_count from ('
            ~ counted ~ ') as counted full outer join ' ~ days ~ ' as known on counted.day = known.day '
            ~ 'where counted.row_count is distinct from known.source_rows or counted.day >= ' ~ from_day
        ) -%}
    {% endif %}
    {#- Days whose rows went with their retention come back where a day is built that they belong to. -#}
    {%- set days_kept = var('retention_days').get(model.config.meta.get('raw_table'), 0) -%}
    {%- set today = var('as_of') | string or known['arrived_on'] -%}
    {%- do queries.append(
        'select day, source_rows as row_count from ' ~ days ~ " where version = 'expired'" ~ (
            ' and day >= ' ~ dbt.dateadd('day', -days_kept, "cast('" ~ today ~ "' as timestamp)")
            if days_kept and today else ''
        )
    ) -%}
    {%- set erased = days_with_erased(known['checked_at']) -%}
    {% if erased %}
        {%- do queries.append(erased) -%}
    {% endif %}
    {#- A day is read whole, however few of its rows are new. -#}
    {{ return(
        'select due.day, greatest(sum(due.row_count), coalesce(max(known.source_rows), 0)) as row_count from ('
        ~ queries | join(' union all ') ~ ') as due left join ' ~ days ~ ' as known on due.day = known.day group by due.day'
    ) }}
{% endmacro %}


{% macro days_with_erased(checked_at) %}
{#- A query of the days that hold a row of somebody whose tombstone is younger than the last run that went through; none
    where there is no such tombstone, so that on most days nothing is read. -#}
    {%- set new = 'select tombstone from ' ~ ref('base_privacy__tombstones') ~ " where marks <> 'shared_identifier'" -%}
    {% if checked_at %}
        {%- set new = new ~ " and erased_at > cast('" ~ checked_at ~ "' as timestamp)" -%}
    {% endif %}
    {% if run_query('select count(*) from (' ~ new ~ ') as tombstones').columns[0].values()[0] == 0 %}
        {{ return(none) }}
    {% endif %}
    {%- set bearers = [] -%}
    {% for identifier_id in model.config.meta.get('identifier_ids') %}
        {%- do bearers.append(
            'select ' ~ identifier_id ~ ' as identifier_id, ' ~ model.config.meta.get('day_column') ~ ' as day from ' ~ this
        ) -%}
    {% endfor %}
    {{ return(
        'select day, count(*) as row_count from (' ~ bearers | join(' union all ') ~ ') as bearers where identifier_id in ('
        ~ 'select identifier_id from (select distinct identifier_id from (' ~ bearers | join(' union all ')
        ~ ') as bearers) as identifiers where ' ~ tombstone('identifier_id') ~ ' in (' ~ new ~ ')) group by day'
    ) }}
{% endmacro %}


{% macro first_day_without_late_rows(days) -%}
{#- The first day of which a model that looks at what arrived knows every row: one that was received before the window
    cannot have happened later than clocks may differ. The end of time where nothing arrived. -#}
    coalesce((
        select {{ dbt.dateadd('day', 1 + var('clock_skew_days') - var('lateness_days'), 'cast(max(arrived_at) as date)') }}
        from {{ days }}
    ), cast('9999-12-31' as timestamp))
{%- endmacro %}
