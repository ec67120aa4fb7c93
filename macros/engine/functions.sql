{#- One macro a difference between engines. default__ is DuckDB. -#}

{%- macro sha256_hex(expression) -%}
{#- SHA-256 of a text as 64 lower-case hex digits. -#}
    {{ return(adapter.dispatch('sha256_hex', 'tessera')(expression)) }}
{%- endmacro -%}

{%- macro default__sha256_hex(expression) -%}
    sha256({{ expression }})
{%- endmacro -%}

{%- macro spark__sha256_hex(expression) -%}
    sha2({{ expression }}, 256)
{%- endmacro -%}

{%- macro nfc(expression) -%}
{#- A text with its accents composed: an e and an accent after it are the letter é. -#}
    {{ return(adapter.dispatch('nfc', 'tessera')(expression)) }}
{%- endmacro -%}

{%- macro default__nfc(expression) -%}
    nfc_normalize({{ expression }})
{%- endmacro -%}

{%- macro spark__nfc(expression) -%}
{#- Spark has no such function: an accent that the source did not compose stays apart. -#}
    {{ expression }}
{%- endmacro -%}

{%- macro row_json(columns, relation=none) -%}
{#- The named columns as one JSON object of texts and nulls. Texts, because JSON has no NaN. -#}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {{ return(adapter.dispatch('row_json', 'tessera')(columns, prefix)) }}
{%- endmacro -%}

{%- macro default__row_json(columns, prefix) -%}
    cast(json_object(
        {%- for column in columns %}
        '{{ column }}', cast({{ prefix ~ column }} as varchar){{ ',' if not loop.last }}
        {%- endfor %}
    ) as varchar)
{%- endmacro -%}

{%- macro spark__row_json(columns, prefix) -%}
    to_json(named_struct(
        {%- for column in columns %}
        '{{ column }}', cast({{ prefix ~ column }} as string){{ ',' if not loop.last }}
        {%- endfor %}
    ), map('ignoreNullFields', 'false'))
{%- endmacro -%}

{%- macro matches(expression, pattern) -%}
{#- Whether the whole text matches a regular expression. No backslash: engines differ in it. -#}
    {{ return(adapter.dispatch('matches', 'tessera')(expression, pattern)) }}
{%- endmacro -%}

{%- macro default__matches(expression, pattern) -%}
    regexp_full_match({{ expression }}, '{{ pattern }}')
{%- endmacro -%}

{%- macro spark__matches(expression, pattern) -%}
    ({{ expression }} rlike '^({{ pattern }})$')
{%- endmacro -%}

{%- macro replace_all(expression, pattern, replacement) -%}
{#- Every match of a regular expression replaced. No backslash: engines differ in it. -#}
    {{ return(adapter.dispatch('replace_all', 'tessera')(expression, pattern, replacement)) }}
{%- endmacro -%}

{%- macro default__replace_all(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro -%}

{%- macro spark__replace_all(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro -%}

{%- macro signs_replaced(expression, replacement) -%}
{#- Every run of characters that are neither letters, accents nor digits, of any script, replaced. -#}
    {{ return(adapter.dispatch('signs_replaced', 'tessera')(expression, replacement)) }}
{%- endmacro -%}

{%- macro default__signs_replaced(expression, replacement) -%}
    regexp_replace({{ expression }}, '[^\p{L}\p{M}\p{N}]+', '{{ replacement }}', 'g')
{%- endmacro -%}

{%- macro spark__signs_replaced(expression, replacement) -%}
{#- Spark reads a backslash in a text as the beginning of an escape. -#}
    regexp_replace({{ expression }}, '[^\\p{L}\\p{M}\\p{N}]+', '{{ replacement }}')
{%- endmacro -%}

{%- macro has_transactions() -%}
{#- Whether several statements on tables can be one, done or undone as a whole. -#}
    {{ return(adapter.dispatch('has_transactions', 'tessera')()) }}
{%- endmacro -%}

{%- macro default__has_transactions() -%}
    {{ return(true) }}
{%- endmacro -%}

{%- macro spark__has_transactions() -%}
    {{ return(false) }}
{%- endmacro -%}

{%- macro each_day(first_date, last_date) -%}
{#- As a column of a select: one row for each date from the first to the last, both included. -#}
    {{ return(adapter.dispatch('each_day', 'tessera')(first_date, last_date)) }}
{%- endmacro -%}

{%- macro default__each_day(first_date, last_date) -%}
    cast(unnest(generate_series({{ first_date }}, {{ last_date }}, interval 1 day)) as date)
{%- endmacro -%}

{%- macro spark__each_day(first_date, last_date) -%}
    explode(sequence({{ first_date }}, {{ last_date }}, interval 1 day))
{%- endmacro -%}

{%- macro rows_fingerprint(relation) -%}
{#- As an aggregate: a text that is another one where the rows of a relation, named by its alias, are others. -#}
    {{ return(adapter.dispatch('rows_fingerprint', 'tessera')(relation)) }}
{%- endmacro -%}

{%- macro default__rows_fingerprint(relation) -%}
    count(*) || '-' || coalesce(sum(hash({{ relation }})), 0)
{%- endmacro -%}

{%- macro spark__rows_fingerprint(relation) -%}
    count(*) || '-' || coalesce(sum(cast(xxhash64({{ relation }}.*) as decimal(38, 0))), 0)
{%- endmacro -%}

{%- macro trim_characters(expression, characters) -%}
{#- A text without any of some characters at its beginning and end. -#}
    {{ return(adapter.dispatch('trim_characters', 'tessera')(expression, characters)) }}
{%- endmacro -%}

{%- macro default__trim_characters(expression, characters) -%}
    trim({{ expression }}, '{{ characters }}')
{%- endmacro -%}

{%- macro spark__trim_characters(expression, characters) -%}
    trim(both '{{ characters }}' from {{ expression }})
{%- endmacro -%}
