{% test no_rows_where(model, column_name, condition, key) %}
{#- The rows that meet a condition which none may meet. -#}
    select
        {{ key }},
        {{ column_name }},
        '{{ model.identifier }}: ' || {{ row_key([key]) }} || ' has {{ column_name }} '
        || coalesce(cast({{ column_name }} as {{ dbt.type_string() }}), 'null') as problem
    from {{ model }}
    where {{ condition }}
{% endtest %}
