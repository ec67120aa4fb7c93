{#- What checks say in words. -#}

{%- macro in_words(expression) -%}
{#- A number or a name as text, to stand in a sentence. -#}
    cast({{ expression }} as {{ dbt.type_string() }})
{%- endmacro -%}

{%- macro percent_in_words(share) -%}
{#- A share as a percentage with two digits; 0.0 % where there is none. -#}
    cast(round(100 * coalesce({{ share }}, 0), 2) as {{ dbt.type_string() }}) || ' %'
{%- endmacro -%}

{%- macro share_of(part, whole) -%}
{#- One count as a share of another; null where there is nothing to share. -#}
    {{ part }} / cast(nullif({{ whole }}, 0) as double)
{%- endmacro -%}
