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
    identifier that has no tombstone, or where a row from before the request that arrived since the last build shows an
    erased identifier beside one that nobody asked about: who that is, all rows together have to say. -#}
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
    {%- set columns = ['anonymous_id', 'user_id', 'contact_id', 'email', 'phone'] -%}
    {%- set query -%}
        with known as (
            select tombstone, max(case when marks = 'identifier' then requested_at end) as requested_at
            from {{ this }}
            group by tombstone
        ),

        seen as (
            select {{ columns | join(', ') }}, min(seen_at) as seen_at, row_number() over (order by 1) as sighting_number
            from {{ sightings }}
            where {{ arrived_within(reach) }} and (select count(*) from known) > 0
            group by {{ columns | join(', ') }}
        ),

        bearers as (
            {%- for column in columns %}
            select sighting_number, seen_at, {{ column }} as identifier_id from seen where {{ column }} is not null
            {%- if not loop.last %} union all{% endif %}
            {%- endfor %}
        ),

        unknown as (
            select cast(count(*) as bigint) as identifier_count
            from {{ requests }}
            where reason is null and {{ tombstone('identifier_id') }} not in (select tombstone from known)
            union all
            select count(*) as identifier_count
            from bearers
            left join known on {{ tombstone('bearers.identifier_id') }} = known.tombstone
            group by bearers.sighting_number
            having max(case when known.tombstone is null then 1 else 0 end) = 1
                and max(known.requested_at) is not null
                and coalesce(min(bearers.seen_at) <= max(known.requested_at), true)
        )

        select sum(identifier_count) from unknown
    {%- endset -%}
    {%- if run_query(query).columns[0].values()[0] -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(reach) }}
{%- endmacro -%}
