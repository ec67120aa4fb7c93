{%- macro hex_to_integer(hex) -%}
{#- The whole number that up to 15 hex digits, as SQL text, stand for. -#}
    {{ return(adapter.dispatch('hex_to_integer', 'tessera')(hex)) }}
{%- endmacro -%}

{%- macro default__hex_to_integer(hex) -%}
    cast('0x' || {{ hex }} as bigint)
{%- endmacro -%}

{%- macro spark__hex_to_integer(hex) -%}
    cast(conv({{ hex }}, 16, 10) as bigint)
{%- endmacro -%}
