{% test rows_reconcile(model, raw_table, source_table, rejected, removed) %}
{#- Every row of a raw table is accepted (it stands in the tested model), rejected or removed for privacy, and once. -#}
    with counted as (
        select
            (select count(*) from {{ raw_table }}) as source_rows,
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
