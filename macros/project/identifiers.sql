{%- macro identifier_id(identifier_type, identifier_value) -%}
{#- One text for a typed identifier: type, colon, value; null where the value is null. -#}
    {{ identifier_type }} || ':' || {{ identifier_value }}
{%- endmacro -%}

{%- macro customer_key(identifier_id) -%}
{#- The customer_id that a cluster bears whose first seen identifier this is. Since it depends on that one identifier
    alone, a former customer_id is always the key of one of the identifiers that its cluster held. -#}
    'c_' || md5({{ identifier_id }})
{%- endmacro -%}
