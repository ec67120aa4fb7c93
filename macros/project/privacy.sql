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
        {{ tombstone("'customer_id:' || unit_id") }} in (
            select tombstone from {{ erased_customers }}
        )
    group by experiment_key, arm_key;
    delete from {{ ledger }}
    where
        {{ tombstone("'customer_id:' || unit_id") }} in (
            select tombstone from {{ erased_customers }}
        )
    {%- endif -%}
{%- endmacro -%}

{%- macro forget_erased_matches(tombstones) -%}
{#- After the matches and after the tombstones: matches are made with the contacts of everybody, since whoever is probably
    the same person is erased too, and those of a build with the variable probabilistic_matching on stay when it is off. -#}
    {%- set matches = adapter.get_relation(this.database, this.schema, 'base_crm__contact_matches') -%}
    {%- if execute and matches and (tombstones.identifier == this.identifier or load_relation(tombstones)) -%}
    delete from {{ matches }}
    where
        {{ tombstone(identifier_id("'contact_id'", 'left_contact_id')) }} in (
            select tombstone from {{ tombstones }} where marks = 'identifier'
        )
        or {{ tombstone(identifier_id("'contact_id'", 'right_contact_id')) }} in (
            select tombstone from {{ tombstones }} where marks = 'identifier'
        )
    {%- endif -%}
{%- endmacro -%}

{%- macro check_erasure_salt() -%}
{#- Before the tombstones take new rows: with another salt they find no one again, and who was erased would come back. -#}
    {%- if execute and load_relation(this) -%}
        {%- set check = tombstone("'the salt'") -%}
        {%- set others = run_query('select count(*) from ' ~ this ~ ' where salt_check <> ' ~ check) -%}
        {%- if others.columns[0].values()[0] -%}
            {%- do exceptions.raise_compiler_error(
                'TESSERA_ERASURE_SALT is not what it was when ' ~ others.columns[0].values()[0] ~ ' identifiers of erased'
                ~ ' people were marked. Set it back, or erased people return.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}
