{% test rows_reconcile(model, raw_table, source_table, rejected) %}
{#- Every row of a raw table is accepted (it stands in the tested model) or rejected, and once. -#}
    with counted as (
        select
            (select count(*) from {{ raw_table }}) as source_rows,
            (select count(*) from {{ model }}) as accepted_rows,
            (
                select count(*)
                from {{ rejected }}
                where source_table = '{{ source_table }}'
            ) as rejected_rows
    )

    select
        *,
        '{{ source_table }}: ' || cast(source_rows as {{ dbt.type_string() }}) || ' rows, but '
        || cast(accepted_rows as {{ dbt.type_string() }}) || ' accepted and '
        || cast(rejected_rows as {{ dbt.type_string() }}) || ' rejected' as problem
    from counted
    where source_rows <> accepted_rows + rejected_rows
{% endtest %}
