{% test figures_are_finite(model, key) %}
{#- The rows in which a column of doubles is NaN or infinite: a figure that there is none of is null. -#}
    {%- set found = adapter.get_columns_in_relation(model) if execute else [] -%}
    {%- set doubles = found | selectattr('dtype', 'in', ['DOUBLE', 'double']) -%}
    {%- set figures = doubles | map(attribute='name') | list %}
    select
        {{ key | join(', ') }},
        '{{ model.identifier }}: ' || {{ row_key(key) }} || ' has no number in'
        {%- for figure in figures %}
        || case when abs({{ figure }}) > 1.7e308 then ' {{ figure }}' else '' end
        {%- endfor %} as problem
    from {{ model }}
    where
        1 = 0
        {%- for figure in figures %}
        or abs({{ figure }}) > 1.7e308
        {%- endfor %}
{% endtest %}
