with

customer_accounts as (select * from {{ ref('int_identity_accounts') }}),

account_trials as (select * from {{ ref('int_account_trials') }}),

activity as (
    select * from {{ ref('int_identifier_activity_daily') }}
    where
        engagement_type in ('feature_use', 'advanced_feature_use')
        and activity_date < {{ as_of() }}
),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

trials as (
    select
        account_id,
        trial_started_at,
        trial_ends_at,
        is_in_trial,
        has_converted,
        cast({{ dbt.datediff(as_of(), 'trial_ends_at', 'day') }} as bigint) as trial_days_left
    from account_trials
),

accounts as (
    select
        account_id,
        count(*) as user_count
    from customer_accounts
    group by account_id
),

uses as (
    select
        customer_accounts.account_id,
        customer_accounts.customer_id,
        activity.activity_date,
        activity.engagement_type,
        activity.event_count,
        activity.last_event_at
    from activity
    inner join identity_map on activity.identifier_id = identity_map.identifier_id
    inner join customer_accounts on identity_map.customer_id = customer_accounts.customer_id
),

last_uses as (
    select
        account_id,
        max(last_event_at) as last_used_at
    from uses
    group by account_id
),

uses_in_window as (
    select
        uses.account_id,
        windows.lookback_days,
        count(distinct uses.customer_id) as active_user_count,
        cast(sum(uses.event_count) as bigint) as feature_uses,
        {{ count_events("engagement_type = 'advanced_feature_use'") }} as advanced_feature_uses
    from uses
    inner join windows
        on
            uses.activity_date >= windows.starts_on
            and uses.activity_date < windows.ends_before
    group by uses.account_id, windows.lookback_days
),

final as (
    -- Every account has a row for every window: silence is a feature too.
    select
        accounts.account_id,
        windows.lookback_days,
        accounts.user_count,
        coalesce(uses_in_window.active_user_count, 0) as active_user_count,
        coalesce(uses_in_window.feature_uses, 0) as feature_uses,
        coalesce(uses_in_window.advanced_feature_uses, 0) as advanced_feature_uses,
        last_uses.last_used_at,
        cast(
            {{ dbt.datediff('last_uses.last_used_at', 'windows.ends_at', 'day') }} as bigint
        ) as days_since_last_use,
        coalesce(trials.is_in_trial, false) as is_in_trial,
        coalesce(
            trials.is_in_trial and trials.trial_started_at <= windows.starts_at,
            false
        ) as was_in_trial_all_window,
        coalesce(trials.has_converted, false) as has_converted,
        trials.trial_started_at,
        trials.trial_ends_at,
        case when trials.is_in_trial then trials.trial_days_left end
            as trial_days_left
    from accounts
    cross join windows
    left join last_uses on accounts.account_id = last_uses.account_id
    left join uses_in_window
        on
            accounts.account_id = uses_in_window.account_id
            and windows.lookback_days = uses_in_window.lookback_days
    left join trials on accounts.account_id = trials.account_id
)

select * from final
