{%- macro hash_fraction(salt, unit) -%}
{#- A fixed number in [0, 1) for a unit under a salt: the first 8 hex digits of md5(salt || '-' ||
    unit) over 2^32. Both arguments are SQL text expressions; null in, null out. Salts are
    documented in docs/methods.md. -#}
{%- set digits = 'substr(' ~ dbt.hash(salt ~ " || '-' || " ~ unit) ~ ', 1, 8)' -%}
    {{ hex_to_integer(digits) }} / 4294967296e0
{%- endmacro -%}
