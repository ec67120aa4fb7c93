{%- macro as_words(expression) -%}
{#- The words of a name between dashes, '-cart-abandoners-toys-', so that a word or several in a row can be looked for.
    Whatever is neither letter nor digit parts two words. -#}
    '-' || {{ signs_replaced('lower(' ~ expression ~ ')', '-') }} || '-'
{%- endmacro -%}
