{#- A memory, exempt from full refresh: what each batch held, so that a report of it, which comes later
    or never, can be understood. It starts empty and takes this run's batches where it has not got
    them. Only rows that nothing needs any more leave it. -#}
-- depends_on: {{ ref('int_as_of') }}
-- Nothing is remembered, and so exported, before the tests of these have passed: dbt holds a model
-- back for a test only where it comes after all that the test reads.
-- depends_on: {{ ref('customers') }}
-- depends_on: {{ ref('customer_identifiers') }}
-- depends_on: {{ ref('audience_exclusions') }}
{{
    config(
        post_hook=[
            "{{ forget_removed_audience_members(ref('audience_changes')) }}",
            "{{ forget_absent_audience_identifiers(ref('int_audience_platform_states')) }}",
            "{{ forget_repeated_audience_rows(ref('int_audience_sent_batches')) }}",
        ],
        access='protected',
        schema='intermediate',
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='fail'
    )
}}

with

changes as (select * from {{ ref('audience_changes') }}),

held as (
    {% if is_incremental() -%}
    select batch_id, batch_number
    from {{ this }}
    where operation = 'batch'
    {%- else -%}
    select batch_id, cast(0 as bigint) as batch_number
    from changes
    where 1 = 0
    {%- endif %}
),

numbered as (
    select coalesce(max(batch_number), 0) + 1 as batch_number
    from held
),

learned as (
    select
        changes.*,
        numbered.batch_number
    from changes
    cross join numbered
    left join held on changes.batch_id = held.batch_id
    where held.batch_id is null
),

final as (
    -- The batch itself is known for good, also when nobody is left of it.
    select
        batch_id,
        batch_number,
        follows_batch_id,
        batch_row_count,
        destination_key,
        segment_id,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        'batch' as operation,
        cast(null as {{ dbt.type_string() }}) as email_sha256,
        cast(null as {{ dbt.type_string() }}) as phone_sha256,
        as_of
    from learned
    group by
        batch_id,
        batch_number,
        follows_batch_id,
        batch_row_count,
        destination_key,
        segment_id,
        as_of
    union all
    select
        batch_id,
        batch_number,
        follows_batch_id,
        batch_row_count,
        destination_key,
        segment_id,
        customer_id,
        operation,
        email_sha256,
        phone_sha256,
        as_of
    from learned
)

select * from final
