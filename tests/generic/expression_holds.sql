{#- Fails for each row for which an expression is false or null. `column_name` is given where the
    test stands below a column; it is not used. -#}
{% test expression_holds(model, expression, column_name=none) %}

select
    *,
    {{ dbt.string_literal(dbt.escape_single_quotes('does not hold: ' ~ expression)) }} as problem
from {{ model }}
where not coalesce({{ expression }}, false)

{% endtest %}
