{#- What a build must not hold: rows past their retention, and rows about people who asked to be erased. -#}

{%- macro is_past_retention(source_table, timestamp) -%}
{#- Whether a row is older than the variable retention_days allows for its table; false where it has no time, or one
    that is none (earliest_timestamp): such a row is refused, and told of. -#}
    {%- set days = var('retention_days').get(source_table, 0) -%}
    {%- if days -%}
    coalesce(
            {{ timestamp }} < {{ dbt.dateadd('day', -days, as_of()) }}
            and not {{ is_too_old(timestamp) }},
            false
        )
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro -%}

{%- macro is_past_any_retention(timestamp) -%}
{#- Whether a fact of that moment could be past the retention of its table, whichever it is. -#}
    (
        {{ is_past_retention('web/events', timestamp) }}
        or {{ is_past_retention('shop/orders', timestamp) }}
        or {{ is_past_retention('ads/touches', timestamp) }}
    )
{%- endmacro -%}

{%- macro tombstone(identifier_id) -%}
{#- What stays of an erased identifier: a salted SHA-256, by which it is known again and not read. -#}
    {%- set salt = dbt.string_literal(dbt.escape_single_quotes(env_var('TESSERA_ERASURE_SALT', 'tessera'))) -%}
    {{ sha256_hex(salt ~ " || ':' || " ~ identifier_id) }}
{%- endmacro -%}

{%- macro forget_erased_units(erasures, erased_customers) -%}
{#- Before the ledger takes new rows: those of erased customers leave it, and what stays is how many there were in each
    arm. One transaction with the ledger's own. -#}
    {%- set ledger = load_relation(this) -%}
    {%- if execute and ledger -%}
    insert into {{ erasures }} (experiment_key, arm_key, unit_count, erased_at)
    select experiment_key, arm_key, count(*), {{ run_time() }}
    from {{ ledger }}
    where
        unit_type = 'customer'
        and {{ tombstone("'customer_id:' || unit_id") }} in (
            select tombstone from {{ erased_customers }}
        )
    group by experiment_key, arm_key;
    delete from {{ ledger }}
    where
        unit_type = 'customer'
        and {{ tombstone("'customer_id:' || unit_id") }} in (
            select tombstone from {{ erased_customers }}
        )
    {%- endif -%}
{%- endmacro -%}

{%- macro forget_erased_matches() -%}
{#- After the tombstones: the matches were made with the contacts of everybody, since whoever is probably the same person is
    erased too, and those of a build with the variable probabilistic_matching on stay when it is off. -#}
    {%- set matches = adapter.get_relation(this.database, this.schema, 'base_crm__contact_matches') -%}
    {%- if execute and matches -%}
    delete from {{ matches }}
    where
        {{ tombstone(identifier_id("'contact_id'", 'left_contact_id')) }} in (
            select tombstone from {{ this }} where marks = 'identifier'
        )
        or {{ tombstone(identifier_id("'contact_id'", 'right_contact_id')) }} in (
            select tombstone from {{ this }} where marks = 'identifier'
        )
    {%- endif -%}
{%- endmacro -%}
