{% macro prepare_raw_tables() %}
{% endmacro %}
