{#- Figures in sentences: what checks and readings say in words. -#}

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

{%- macro percent_text(share) -%}
{#- 0.2345 as "23.5 %", without a sign; a share beyond a million per cent is told as that. Null for null, which `least`
    would leave out. -#}
    cast(cast(round(
        case when abs({{ share }}) > 1e4 then 1e6 else 100 * abs({{ share }}) end, 1
    ) as decimal(9, 1)) as {{ dbt.type_string() }}) || ' %'
{%- endmacro -%}

{%- macro number_text(number) -%}
{#- A whole number as text. -#}
    cast(cast({{ number }} as bigint) as {{ dbt.type_string() }})
{%- endmacro -%}

{%- macro decimal_text(number, digits) -%}
{#- A number from 0 to 1 with so many digits. -#}
    cast(cast(round({{ number }}, {{ digits }}) as decimal({{ digits + 1 }}, {{ digits }})) as {{ dbt.type_string() }})
{%- endmacro -%}

{%- macro signed_text(number) -%}
{#- A number with its sign: four decimals below 10, two from there on. Null for null, which `least` would leave out. -#}
    case when {{ number }} < 0 then '-' else '+' end
    || case
        when abs({{ number }}) < 10
            then cast(cast(round(abs({{ number }}), 4) as decimal(9, 4)) as {{ dbt.type_string() }})
        when {{ number }} is not null
            then cast(cast(round(least(abs({{ number }}), 1e15), 2) as decimal(18, 2)) as {{ dbt.type_string() }})
    end
{%- endmacro -%}
