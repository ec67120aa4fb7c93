{#- Reads the memory of what was sent, as it was before this run. -#}
{{ config(access='private', schema='intermediate') }}

with

batches as (select * from {{ ref('int_audience_sent_batches') }}),

batch_rows as (
    {{ audience_batch_rows_before() }}
),

sent as (
    select
        destination_key,
        segment_id,
        batch_id,
        batch_number,
        customer_id,
        operation,
        'email' as identifier_type,
        email_sha256 as identifier_value
    from batch_rows
    where email_sha256 is not null
    union all
    select
        destination_key,
        segment_id,
        batch_id,
        batch_number,
        customer_id,
        operation,
        'phone' as identifier_type,
        phone_sha256 as identifier_value
    from batch_rows
    where phone_sha256 is not null
),

reported as (
    -- Whatever is not confirmed whole may have been done and may not.
    select
        sent.*,
        coalesce(batches.status = 'confirmed', false) as is_confirmed,
        batches.reported_at,
        max(case when batches.status = 'confirmed' then sent.batch_number end) over (
            partition by
                sent.destination_key,
                sent.segment_id,
                sent.identifier_type,
                sent.identifier_value
        ) as confirmed_number
    from sent
    inner join batches on sent.batch_id = batches.batch_id
),

dated as (
    select
        *,
        max(case when is_confirmed and batch_number = confirmed_number then reported_at end) over (
            partition by destination_key, segment_id, identifier_type, identifier_value
        ) as confirmed_at
    from reported
),

judged as (
    -- The last confirmed batch says what is certain. What was made after it, or reported after it
    -- though made before, whatever the report says, may have changed that.
    select
        *,
        is_confirmed and batch_number = confirmed_number as is_last_word,
        coalesce(batch_number > confirmed_number, true)
        or coalesce(reported_at > confirmed_at, false) as may_hold
    from dated
),

states as (
    select
        destination_key,
        segment_id,
        identifier_type,
        identifier_value,
        -- Of several who have it the first by id, one who was not erased where there is one.
        coalesce(
            min(customer_id) filter (
                where operation = 'add' and customer_id not like 'erased%'
            ),
            min(customer_id)
        ) as customer_id,
        coalesce(bool_or((is_last_word or may_hold) and operation = 'add'), false) as may_be_in,
        coalesce(
            bool_or((is_last_word or may_hold) and operation = 'remove')
            or max(confirmed_number) is null,
            true
        ) as may_be_out
    from judged
    group by destination_key, segment_id, identifier_type, identifier_value
),

final as (
    -- An erased person who is gone there needs no row, and must have none.
    select *
    from states
    where may_be_in or customer_id not like 'erased%'
)

select * from final
