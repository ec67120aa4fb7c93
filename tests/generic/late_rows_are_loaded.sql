{% test late_rows_are_loaded(model, raw_days) %}
{#- A model made by day knows every row of its raw table. A row of this test is a day of which it has
    missed some, because they came into the raw table later than the variable lateness_days allows,
    or left it. Only a warning: the variable reload_late_rows, given to one build, takes them in. It
    reads one column of the whole raw table. -#}
    {{ config(severity='warn') }}

    with raw_rows as (
        select day, count(*) as row_count
        from {{ raw_days }}
        group by day
    ),

    known as (
        select day, source_rows
        from {{ days_of(model) }}
    )

    select
        coalesce(raw_rows.day, known.day) as day,
        coalesce(raw_rows.row_count, 0) as raw_rows,
        coalesce(known.source_rows, 0) as known_rows,
        cast(coalesce(raw_rows.day, known.day) as {{ dbt.type_string() }}) || ': '
        || cast(coalesce(raw_rows.row_count, 0) as {{ dbt.type_string() }})
        || ' rows, of which the last builds knew '
        || cast(coalesce(known.source_rows, 0) as {{ dbt.type_string() }})
        || '; dbt build --vars ''{reload_late_rows: true}'' takes the day in again'
            as problem
    from raw_rows
    full outer join known on raw_rows.day = known.day
    where raw_rows.row_count is distinct from known.source_rows
{% endtest %}
