{#- What a build must not hold: rows past their retention, and rows about people who asked to be erased. -#}

{%- macro is_past_retention(source_table, timestamp) -%}
{#- Whether a row is older than the variable retention_days allows for its table; false where it has no time, or one
    that is none (earliest_timestamp): such a row is refused, and told of. -#}
    {%- set days = var('retention_days').get(source_table, 0) -%}
    {#- Rendered in any case: dbt learns from it, before it knows the variables of a run, what the model reads. -#}
    {%- set held_from = dbt.dateadd('day', -days, as_of()) -%}
    {%- if days -%}
    coalesce(
            {{ timestamp }} < {{ held_from }}
            and not {{ is_too_old(timestamp) }},
            false
        )
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro -%}

{%- macro is_ageless(source_table, timestamp) -%}
{#- Whether a row can never be past its retention, because it has no time, or one that is none. Such a row is refused. Where
    its table has a limit, nothing stays of it but the reason. -#}
    {%- if var('retention_days').get(source_table, 0) -%}
    {{ is_undated(timestamp) }}
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro -%}

{%- macro no_values(columns) -%}
{#- Columns without a value, for what is left of a row that the build must not hold: as a later branch of a union, whose
    first one knows the types. -#}
    {%- for column in columns %}
        null as {{ column }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro -%}

{%- macro left_of_removed_row() -%}
{#- The last columns of a row that the build must not hold, of which nothing stays but why: `removal_reason`, or the reason
    for which it is refused where it has no age. Asks for is_erased, is_past_retention and reason. -#}
'' as row_key,
        case when not is_erased and not is_past_retention then reason end as reject_reason,
        '{}' as row_json,
        case when is_past_retention then 'past_retention' when is_erased then 'erased' end
            as removal_reason
{%- endmacro -%}

{%- macro tombstone(identifier_id) -%}
{#- What stays of an erased identifier: a salted SHA-256, by which it is known again and not read. -#}
    {%- set salt = dbt.string_literal(dbt.escape_single_quotes(env_var('TESSERA_ERASURE_SALT', 'tessera'))) -%}
    {{ sha256_hex(salt ~ " || ':' || " ~ identifier_id) }}
{%- endmacro -%}
