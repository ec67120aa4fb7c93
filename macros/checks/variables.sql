{% macro check_variables() %}
{% endmacro %}
