{%- macro as_words(expression) -%}
{#- The words of a name between dashes, '-cart-abandoners-toys-', so that a word or several in a row can be looked for. -#}
    '-' || translate(lower({{ expression }}), '_/:=@. ', '-------') || '-'
{%- endmacro -%}
