{% test unique_combination(model, columns) %}
{#- One row for each combination of the columns that occurs more than once. -#}
    select
        {{ columns | join(', ') }},
        count(*) as row_count,
        '{{ columns | join("|") }} = ' || {{ row_key(columns) }} || ' stands in '
        || cast(count(*) as {{ dbt.type_string() }}) || ' rows' as problem
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
