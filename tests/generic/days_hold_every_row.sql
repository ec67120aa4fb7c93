{% test days_hold_every_row(model, day_column) %}
{#- Of each row that a day of a table made by day was made of, the table holds one: accepted, refused,
    or what is left of one that was removed. Of a day past its retention it holds none but what the
    day's rows showed of identifiers. -#}
    with held as (
        select
            {{ day_column }} as day,
            count(*) as row_count
        from {{ model }}
        where removal_reason is null or removal_reason <> 'past_retention'
        group by {{ day_column }}
    ),

    known as (
        select
            day,
            row_count,
            case when version = 'expired' then 0 else source_rows end as expected_rows
        from {{ days_of(model) }}
    )

    select
        coalesce(known.day, held.day) as day,
        known.expected_rows,
        known.row_count,
        held.row_count as held_rows,
        cast(coalesce(known.day, held.day) as {{ dbt.type_string() }}) || ': '
        || cast(coalesce(held.row_count, 0) as {{ dbt.type_string() }}) || ' rows held, '
        || cast(coalesce(known.row_count, 0) as {{ dbt.type_string() }}) || ' remembered, '
        || cast(coalesce(known.expected_rows, 0) as {{ dbt.type_string() }})
        || ' expected; dbt build --full-refresh makes all days again' as problem
    from known
    full outer join held on known.day = held.day
    where
        coalesce(held.row_count, 0) <> coalesce(known.row_count, 0)
        or coalesce(known.row_count, 0) <> coalesce(known.expected_rows, 0)
{% endtest %}
