{#- Fails where the model does not have exactly `expected` rows. -#}
{% test row_count_is(model, expected) %}

select
    count(*) as row_count,
    'expected {{ expected }} rows, found ' || cast(count(*) as {{ dbt.type_string() }}) as problem
from {{ model }}
having count(*) <> {{ expected }}

{% endtest %}
