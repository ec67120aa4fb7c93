{#- What was sent to destinations: the memory int_audience_batch_rows, which is read before it is written. -#}

{%- macro audience_batch_rows_before() -%}
{#- A query: the rows of the memory as they were before this run. The model of that name waits for what reads them, so
    that it cannot be a ref. -#}
    {%- set columns = {
        'batch_id': dbt.type_string(), 'batch_number': 'bigint', 'follows_batch_id': dbt.type_string(),
        'batch_row_count': 'bigint', 'destination_key': dbt.type_string(), 'segment_id': dbt.type_string(),
        'customer_id': dbt.type_string(), 'operation': dbt.type_string(), 'email_sha256': dbt.type_string(),
        'phone_sha256': dbt.type_string(), 'as_of': 'timestamp',
    } -%}
    {%- set memory = audience_memory() -%}
    select
        {%- for name, type in columns.items() %}
        {{ name if memory else 'cast(null as ' ~ type ~ ') as ' ~ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    {{ 'from ' ~ memory if memory else 'where 1 = 0' }}
{%- endmacro -%}

{%- macro audience_memory() -%}
{#- The table of the memory, none where there is none yet. -#}
    {%- set node = graph.nodes['model.tessera.int_audience_batch_rows'] if execute else none -%}
    {{ return(adapter.get_relation(node.database, node.schema, node.alias) if node else none) }}
{%- endmacro -%}

{%- macro rename_erased_audience_members(erased_customers) -%}
{#- Before the memory is read: erased customers stand in it under their tombstone. What was sent of them stays until the
    destination has confirmed that it removed it; then forget_removed_audience_members takes it out. -#}
    {%- set memory = audience_memory() -%}
    {%- if execute and memory -%}
    {%- set mark = tombstone("'customer_id:' || customer_id") -%}
    {%- set of_erased = mark ~ ' in (select tombstone from ' ~ erased_customers ~ ')' -%}
    {%- set renamed -%}
        insert into {{ memory }}
        select
            {%- for column in adapter.get_columns_in_relation(memory) %}
            {{ "'erased:' || " ~ mark if column.name == 'customer_id' else column.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ memory }}
        where {{ of_erased }}
    {%- endset -%}
    {{ run_in_turn([renamed] + statements_that_delete(memory, of_erased)) }}
    {%- endif -%}
{%- endmacro -%}

{%- macro forget_removed_audience_members(changes) -%}
{#- After the memory took this run's rows: an erased customer of whom this run has nothing to remove is not at the
    destination any more, and leaves it. The identifier decides, since a removal names one of those who share it. A run for a
    past day knows of no changes, and takes nobody out. What was said of an identifier that somebody else has too stays, as
    long as it is somebody else's, and names nobody. -#}
    {%- if execute -%}
    {%- set is_pending -%}
        ({{ as_of() }} < (select max(as_of) from {{ this }})
        or destination_key || '|' || segment_id || '|' || customer_id in (
            select held.destination_key || '|' || held.segment_id || '|' || held.customer_id
            from {{ this }} as held
            inner join {{ changes }} as changes
                on
                    held.destination_key = changes.destination_key
                    and held.segment_id = changes.segment_id
                    and (held.email_sha256 = changes.email_sha256 or held.phone_sha256 = changes.phone_sha256)
            where changes.operation = 'remove' and held.customer_id like 'erased%'
        ))
    {%- endset -%}
    {%- set is_removed -%}
        customer_id like 'erased:%' and not {{ is_pending }}
    {%- endset -%}
    {%- set statements = [] -%}
    {%- for column, other in [('email_sha256', 'phone_sha256'), ('phone_sha256', 'email_sha256')] -%}
        {%- set is_shared -%}
            coalesce(destination_key || '|' || segment_id || '|' || {{ column }}, '') in (
                select coalesce(destination_key || '|' || segment_id || '|' || {{ column }}, 'none')
                from {{ this }}
                where customer_id not like 'erased%'
            )
        {%- endset -%}
        {%- set keep_shared -%}
            insert into {{ this }}
            select
                {%- for name in adapter.get_columns_in_relation(this) | map(attribute='name') %}
                {{ {'customer_id': "'erased'", other: 'null'}.get(name, name) }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ this }}
            where {{ is_removed }} and {{ is_shared }}
        {%- endset -%}
        {%- do statements.append(keep_shared) -%}
        {%- do statements.extend(statements_that_delete(
            this, "customer_id = 'erased' and " ~ column ~ ' is not null and not ' ~ is_shared ~ ' and not ' ~ is_pending
        )) -%}
    {%- endfor -%}
    {{ run_in_turn(statements + statements_that_delete(this, is_removed)) }}
    {%- endif -%}
{%- endmacro -%}

{%- macro last_audience_reports() -%}
{#- Until when a batch was made of which no report is waited for any more. -#}
    {{ dbt.dateadd('day', -var('upload_report_days'), '(select max(as_of) from ' ~ this ~ ')') }}
{%- endmacro -%}

{%- macro forget_absent_audience_identifiers(states) -%}
{#- After the memory took this run's rows: an identifier that is certainly not at the destination, and that no batch of the last
    upload_report_days held, leaves it, with all that was said of it. A row that knows another identifier keeps that one: the
    removal alone must not go, or the addition would say that the identifier is there. -#}
    {%- if execute -%}
    {%- set statements = [] -%}
    {%- for type, column, other in [('email', 'email_sha256', 'phone_sha256'), ('phone', 'phone_sha256', 'email_sha256')] -%}
        {%- set is_absent -%}
            coalesce(destination_key || '|' || segment_id || '|' || {{ column }}, '') in (
                select held.destination_key || '|' || held.segment_id || '|' || held.{{ column }}
                from {{ this }} as held
                inner join {{ states }} as states
                    on
                        held.destination_key = states.destination_key
                        and held.segment_id = states.segment_id
                        and held.{{ column }} = states.identifier_value
                where states.identifier_type = '{{ type }}' and not states.may_be_in
                group by held.destination_key, held.segment_id, held.{{ column }}
                having max(held.as_of) < {{ last_audience_reports() }}
            )
        {%- endset -%}
        {%- set keep_other -%}
            insert into {{ this }}
            select
                {%- for name in adapter.get_columns_in_relation(this) | map(attribute='name') %}
                {{ 'null' if name == column else name }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ this }}
            where {{ is_absent }} and {{ other }} is not null
        {%- endset -%}
        {%- do statements.append(keep_other) -%}
        {%- do statements.extend(statements_that_delete(this, is_absent)) -%}
    {%- endfor -%}
    {{ run_in_turn(statements) }}
    {%- endif -%}
{%- endmacro -%}

{%- macro forget_repeated_audience_rows(batches) -%}
{#- After the memory took this run's rows: of batches older than upload_report_days, rows leave it that a later batch sent
    again. What may stand at the destination stays as known as it was: a confirmed row gives way to a confirmed one alone. -#}
    {%- if execute -%}
    {%- set confirmed = '(select batch_id from ' ~ batches ~ " where status = 'confirmed')" -%}
    {%- set keys = [
        'destination_key', 'segment_id', 'customer_id', 'operation', "coalesce(email_sha256, '')", "coalesce(phone_sha256, '')",
    ] -%}
    {%- set is_repeated -%}
        as_of < {{ last_audience_reports() }}
        and exists (
            select 1
            from (
                select
                    {%- for key in keys %}
                    {{ key }} as held_{{ loop.index }},
                    {%- endfor %}
                    max(batch_number) as held_number,
                    max(case when batch_id in {{ confirmed }} then batch_number end) as held_confirmed_number
                from {{ this }}
                group by {{ keys | join(', ') }}
            ) as held
            where
                {%- for key in keys %}
                held.held_{{ loop.index }} = {{ key }} and
                {%- endfor %}
                case when batch_id in {{ confirmed }} then held.held_confirmed_number else held.held_number end > batch_number
        )
    {%- endset -%}
    {{ run_in_turn(statements_that_delete(this, is_repeated)) }}
    {%- endif -%}
{%- endmacro -%}

{%- macro batch_key(content, follows_batch_id) -%}
{#- The name of a batch: the same for the same changes of the same day after the same batch. -#}
    'b_' || substr({{ sha256_hex(content ~ " || '|' || coalesce(" ~ follows_batch_id ~ ", '')") }}, 1, 24)
{%- endmacro -%}
