{% test days_lose_only_erased_rows(model, tombstones) %}
{#- No day of a table made by day has more rows than it was made of, and none has fewer while nobody is
    erased: its retention apart, nothing else takes rows out. -#}
    select
        day,
        source_rows,
        row_count,
        cast(day as {{ dbt.type_string() }}) || ': ' || cast(row_count as {{ dbt.type_string() }})
        || ' rows of ' || cast(source_rows as {{ dbt.type_string() }})
        || ', which no erasure explains; dbt build --full-refresh makes all days again' as problem
    from {{ days_of(model) }}
    where
        row_count > source_rows
        or (
            row_count < source_rows
            and version <> 'expired'
            and (select count(*) from {{ tombstones }} where marks <> 'shared_identifier') = 0
        )
{% endtest %}
