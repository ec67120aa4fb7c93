{%- macro identifier_id(identifier_type, identifier_value) -%}
{#- One text for a typed identifier: type, colon, value; null where the value is null. -#}
    {{ identifier_type }} || ':' || {{ identifier_value }}
{%- endmacro -%}
