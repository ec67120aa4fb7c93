{% macro explain_failures(results) %}
{% endmacro %}
