{% macro check_segment_families() %}
{% endmacro %}
