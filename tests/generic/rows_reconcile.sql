{% test rows_reconcile(
    model, raw_table, source_table, rejected, removed, by_day=none, raw_days=none
) %}
{#- Every row of a raw table is accepted (it stands in the tested model), rejected or removed for
    privacy, and once. A table that is made by day from what arrived (by_day, and the view raw_days
    that it looks for days in) need not know rows of older days that came too late, of which
    late_rows_are_loaded tells: of those days the rows count that it was made of. -#}
    with counted as (
        select
            {%- if by_day %}
            {%- set from_day = first_day_without_late_rows(days_of(by_day)) %}
            (
                select coalesce(sum(source_rows), 0)
                from {{ days_of(by_day) }}
                where day < {{ from_day }}
            ) + (
                select count(*)
                from {{ raw_days }}
                where happened_at >= {{ from_day }} and day >= {{ from_day }}
            ) as source_rows,
            {%- else %}
            (select count(*) from {{ raw_table }}) as source_rows,
            {%- endif %}
            (select count(*) from {{ model }}) as accepted_rows,
            (
                select count(*)
                from {{ rejected }}
                where source_table = '{{ source_table }}'
            ) as rejected_rows,
            (
                select coalesce(sum(past_retention_count + erased_count), 0)
                from {{ removed }}
                where source_table = '{{ source_table }}'
            ) as removed_rows
    )

    select
        *,
        '{{ source_table }}: ' || cast(source_rows as {{ dbt.type_string() }}) || ' rows, but '
        || cast(accepted_rows as {{ dbt.type_string() }}) || ' accepted, '
        || cast(rejected_rows as {{ dbt.type_string() }}) || ' rejected and '
        || cast(removed_rows as {{ dbt.type_string() }}) || ' removed' as problem
    from counted
    where source_rows <> accepted_rows + rejected_rows + removed_rows
{% endtest %}
