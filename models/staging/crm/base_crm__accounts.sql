{{ config(materialized='table') }}

with source as (
    select * from {{ source('crm', 'accounts') }}
),

cleaned as (
    select
        {{ clean_id('account_id') }} as account_id,
        {{ clean_text('account_name') }} as account_name,
        lower({{ clean_text('plan') }}) as plan,
        trial_started_at,
        trial_ends_at,
        converted_at,
        created_at
    from source
),

-- The first reason that holds is the row's reason.
checked as (
    select
        *,
        case
            when account_id is null then 'null_key'
            when {{ is_too_old('trial_started_at') }} then 'timestamp_too_old'
            when {{ is_too_old('trial_ends_at') }} then 'timestamp_too_old'
            when {{ is_too_old('converted_at') }} then 'timestamp_too_old'
            when {{ is_too_old('created_at') }} then 'timestamp_too_old'
            when {{ is_in_future('trial_started_at') }} then 'timestamp_in_future'
            when {{ is_unbounded('trial_ends_at') }} then 'timestamp_in_future'
            when {{ is_in_future('converted_at') }} then 'timestamp_in_future'
            when {{ is_in_future('created_at') }} then 'timestamp_in_future'
        end as reason
    from cleaned
),

-- Of accounts that repeat a key the one that came furthest counts: converted, then the latest
-- trial. A row refused for another reason takes no part. All columns follow, so that the order is
-- total.
ranked as (
    select
        *,
        row_number() over (
            partition by account_id, reason is null
            order by
                converted_at desc nulls last,
                trial_ends_at desc nulls last,
                trial_started_at desc nulls last,
                created_at desc nulls last,
                account_name asc nulls last,
                plan asc nulls last
        ) as copy_number
    from checked
),

decided as (
    select
        *,
        {{ row_key(['account_id']) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from ranked
),

final as (
    select
        account_id,
        account_name,
        plan,
        trial_started_at,
        trial_ends_at,
        converted_at,
        created_at,
        row_key,
        reject_reason,
        case
            when reject_reason is not null then {{ row_json([
                'account_id', 'account_name', 'plan', 'trial_started_at',
                'trial_ends_at', 'converted_at', 'created_at',
            ]) }}
        end as row_json
    from decided
)

select * from final
