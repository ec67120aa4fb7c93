{#- How erased people leave the build: what reads and changes tables, and so is more than an expression. -#}

{%- macro is_erased(identifier_ids) -%}
{#- Whether a row bears one of the identifiers that the CTE `erased` lists. -#}
    (
        {%- for identifier_id in identifier_ids %}
            coalesce({{ identifier_id }}, '') in (select erased.identifier_id from erased)
        {%- if not loop.last %} or{% endif %}
        {%- endfor %}
        )
{%- endmacro -%}

{%- macro forget_erased_units(erasures, erased_customers) -%}
{#- Before the ledger takes new rows: those of erased customers leave it, and what stays is how many there were in each
    arm. Where the engine has transactions, one with the ledger's own. -#}
    {%- set ledger = load_relation(this) -%}
    {%- if execute and ledger -%}
    {%- set of_erased -%}
        {{ tombstone("'customer_id:' || unit_id") }} in (select tombstone from {{ erased_customers }})
    {%- endset -%}
    {%- set count_them -%}
        insert into {{ erasures }} (experiment_key, arm_key, unit_count, erased_at)
        select experiment_key, arm_key, count(*), {{ run_time() }}
        from {{ ledger }}
        where {{ of_erased }}
        group by experiment_key, arm_key
    {%- endset -%}
    {{ run_in_turn([count_them] + statements_that_delete(ledger, of_erased)) }}
    {%- endif -%}
{%- endmacro -%}

{%- macro forget_erased_matches(tombstones) -%}
{#- After the matches and after the tombstones: matches are made with the contacts of everybody, since whoever is probably
    the same person is erased too, and those of a build with the variable probabilistic_matching on stay when it is off. -#}
    {%- set matches = adapter.get_relation(this.database, this.schema, 'base_crm__contact_matches') -%}
    {%- if execute and matches and (tombstones.identifier == this.identifier or load_relation(tombstones)) -%}
    {%- set of_erased -%}
        {{ tombstone(identifier_id("'contact_id'", 'left_contact_id')) }} in (
            select tombstone from {{ tombstones }} where marks = 'identifier'
        )
        or {{ tombstone(identifier_id("'contact_id'", 'right_contact_id')) }} in (
            select tombstone from {{ tombstones }} where marks = 'identifier'
        )
    {%- endset -%}
    {{ run_in_turn(statements_that_delete(matches, of_erased)) }}
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

{%- macro always() -%}
{#- As the arrival of a row that every run reads. -#}
    cast('9999-12-31' as timestamp)
{%- endmacro -%}

{%- macro arrived_within(reach) -%}
{#- Whether a row arrived at or after a moment, or does not say when it did; without one every row does. -#}
    {%- if reach -%}
    (arrived_at >= {{ reach }} or arrived_at is null)
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro -%}

{%- macro erasure_reach(requests, sightings) -%}
{#- From which arrival on rows must be read to find whom to erase. None, which is all of them, where a request names an
    identifier that has no tombstone, or where a row that arrived since the last build shows an erased identifier beside
    one that nobody asked about: who that is, all rows together have to say. -#}
    {%- if not execute or var('reload_late_rows') -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set moments = [] -%}
    {%- for name in ['base_web__events', 'base_ads__touches'] -%}
        {%- set days = adapter.get_relation(this.database, this.schema, name ~ '__days') -%}
        {%- if not has_columns(days, columns_of_days()) -%}
            {{ return(none) }}
        {%- endif -%}
        {%- do moments.append('select cast(max(arrived_at) as date) as arrived_on from ' ~ days) -%}
    {%- endfor -%}
    {%- set first = run_query(
        'select cast(min(arrived_on) as ' ~ dbt.type_string() ~ ') from (' ~ moments | join(' union all ') ~ ') as moments'
    ).columns[0].values()[0] -%}
    {%- if not first -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set reach = dbt.dateadd('day', -var('lateness_days'), "cast('" ~ first ~ "' as timestamp)") -%}
    {%- set known = 'select tombstone from ' ~ this -%}
    {%- set erased, others = [], [] -%}
    {%- for column in ['anonymous_id', 'user_id', 'contact_id', 'email', 'phone'] -%}
        {%- do erased.append('coalesce(' ~ tombstone(column) ~ ' in (' ~ known ~ '), false)') -%}
        {%- do others.append('coalesce(' ~ tombstone(column) ~ ' not in (' ~ known ~ '), false)') -%}
    {%- endfor -%}
    {%- set query -%}
        select count(*)
        from (
            select identifier_id as who from {{ requests }}
            where reason is null and {{ tombstone('identifier_id') }} not in ({{ known }})
            union all
            select max(order_id) as who from {{ sightings }}
            where {{ arrived_within(reach) }} and (select count(*) from ({{ known }}) as known) > 0
            group by anonymous_id, user_id, contact_id, email, phone
            having ({{ erased | join(' or ') }}) and ({{ others | join(' or ') }})
        ) as unknown
    {%- endset -%}
    {%- if run_query(query).columns[0].values()[0] -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(reach) }}
{%- endmacro -%}
