{%- macro fnv32a(text) -%}
{#- The 32-bit FNV-1a hash of a text expression as a whole number, over its UTF-16 code units as JavaScript has it; null
    for null. -#}
    {{ return(adapter.dispatch('fnv32a', 'tessera')(text)) }}
{%- endmacro -%}

{%- macro default__fnv32a(text) -%}
    case
        when {{ text }} is not null then list_reduce(
            list_prepend(cast(2166136261 as bigint), flatten(list_transform(
                case when {{ text }} = '' then [] else string_split({{ text }}, '') end,
                lambda letter: case
                    when unicode(letter) < 65536 then [cast(unicode(letter) as bigint)]
                    else [55296 + (unicode(letter) - 65536) // 1024, 56320 + (unicode(letter) - 65536) % 1024]
                end
            ))),
            lambda state, unit: xor(state, unit) * 16777619 % 4294967296
        )
    end
{%- endmacro -%}

{%- macro spark__fnv32a(text) -%}
    {%- set digits = "hex(encode(" ~ text ~ ", 'UTF-16BE'))" -%}
    aggregate(
        filter(sequence(1, length({{ digits }}) + 1, 4), place -> place < length({{ digits }})),
        cast(2166136261 as bigint),
        (state, place) ->
            (state ^ cast(conv(substr({{ digits }}, place, 4), 16, 10) as bigint)) * 16777619 % 4294967296
    )
{%- endmacro -%}
