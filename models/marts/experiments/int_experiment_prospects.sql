{#- Who could come in, and who would have: members of today, and the people whose past says what can
    be expected of them (docs/methods.md, "Power"). -#}
{{ config(access='protected', schema='intermediate') }}

with

outlooks as (select * from {{ ref('int_experiment_outlooks') }}),

experiment_segments as (select * from {{ ref('int_experiment_segments') }}),

memberships as (select * from {{ ref('segment_memberships') }}),

history as (select * from {{ ref('segment_membership_history') }}),

stability as (select * from {{ ref('segment_stability') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

profiles as (
    select * from {{ ref('int_customer_profiles') }}
    where is_targetable
),

arms as (select * from {{ ref('mart_experiment_arms') }}),

holdout_members as (select * from {{ ref('holdout_members') }}),

spans as (
    -- The four weeks up to an outcome window ago, from the first of their days that was observed.
    select
        outlooks.experiment_key,
        min(stability.as_of_date) as starts_on,
        max(cast({{ dbt.dateadd('day', '-outlooks.outcome_window_days', as_of()) }} as date))
            as ends_on
    from outlooks
    inner join stability
        on
            stability.as_of_date >= cast({{ dbt.dateadd(
                'day', '-(outlooks.outcome_window_days + 28)', as_of()
            ) }} as date)
            and stability.as_of_date <= cast({{ dbt.dateadd(
                'day', '-outlooks.outcome_window_days', as_of()
            ) }} as date)
    where outlooks.segment_id is not null
    group by outlooks.experiment_key
),

members as (
    select
        outlooks.experiment_key,
        memberships.customer_id,
        experiment_segments.segment_id,
        experiment_segments.lookback_days,
        cast(null as date) as entered_on
    from outlooks
    inner join experiment_segments
        on outlooks.experiment_key = experiment_segments.experiment_key
    inner join memberships on experiment_segments.segment_id = memberships.segment_id
    where outlooks.segment_id is not null
    union all
    select
        outlooks.experiment_key,
        profiles.customer_id,
        cast(null as {{ dbt.type_string() }}) as segment_id,
        cast(null as integer) as lookback_days,
        cast(null as date) as entered_on
    from outlooks
    cross join profiles
    where outlooks.segment_id is null
    union all
    -- As if the experiment had begun on the first of those days: who was in, and who came.
    select
        spans.experiment_key,
        coalesce(identity_map.customer_id, history.customer_id) as customer_id,
        cast(null as {{ dbt.type_string() }}) as segment_id,
        cast(null as integer) as lookback_days,
        greatest(history.valid_from, spans.starts_on) as entered_on
    from spans
    inner join experiment_segments on spans.experiment_key = experiment_segments.experiment_key
    inner join history
        on
            experiment_segments.segment_id = history.segment_id
            and history.valid_from <= spans.ends_on
            and (history.valid_to is null or history.valid_to > spans.starts_on)
    left join identity_map on history.customer_id = identity_map.identifier_key
),

member_units as (
    select
        members.*,
        case
            when outlooks.unit_type = 'account' then profiles.account_id
            else members.customer_id
        end as unit_id
    from members
    inner join outlooks on members.experiment_key = outlooks.experiment_key
    inner join profiles on members.customer_id = profiles.customer_id
),

ranked as (
    -- Noted under the segment with the narrowest window, as in the ledger.
    select
        *,
        row_number() over (
            partition by experiment_key, unit_id, entered_on is null
            order by coalesce(lookback_days, 0), segment_id, customer_id
        ) as segment_rank
    from member_units
    where unit_id is not null
),

units as (
    select
        experiment_key,
        unit_id,
        max(case when entered_on is null and segment_rank = 1 then segment_id end) as segment_id,
        coalesce(max(case when entered_on is null then 1 end), 0) = 1 as is_member,
        min(entered_on) as entered_on
    from ranked
    group by experiment_key, unit_id
),

drawn as (
    select
        units.*,
        outlooks.unit_type,
        outlooks.segment_id is null as is_everyone,
        outlooks.outcome_window_days,
        outlooks.assignment_source,
        count(units.entered_on) over (partition by units.experiment_key) as entered_count,
        holdout_members.unit_id is not null as is_held_out,
        (
            {{ hash_fraction("'layer:' || outlooks.layer_key", 'units.unit_id') }}
            - outlooks.layer_from
        ) / (outlooks.layer_to - outlooks.layer_from) as slice_position,
        {{ hash_fraction("'arm:' || outlooks.salt", 'units.unit_id') }} as arm_fraction
    from units
    inner join outlooks on units.experiment_key = outlooks.experiment_key
    left join (
        select unit_type, unit_id
        from holdout_members
        group by unit_type, unit_id
    ) as holdout_members
        on
            outlooks.unit_type = holdout_members.unit_type
            and units.unit_id = holdout_members.unit_id
),

final as (
    select
        drawn.experiment_key,
        drawn.unit_type,
        drawn.unit_id,
        drawn.segment_id,
        drawn.is_member,
        drawn.is_held_out,
        -- 0 to 1 in the experiment's slice of its layer. Another system knows no slice.
        case when drawn.assignment_source = 'hashed' then drawn.slice_position else 0 end
            as slice_position,
        case
            when drawn.entered_count >= 100 then 'history'
            when drawn.is_everyone then 'everyone'
            else 'members'
        end as baseline_basis,
        case
            when drawn.entered_count >= 100 then cast(drawn.entered_on as timestamp)
            when drawn.is_member
                then {{ dbt.dateadd('day', '-drawn.outcome_window_days', as_of()) }}
        end as baseline_at,
        case when drawn.assignment_source = 'hashed' then arms.arm_key end as arm_key
    from drawn
    inner join arms
        on
            drawn.experiment_key = arms.experiment_key
            and drawn.arm_fraction >= arms.hash_from
            and drawn.arm_fraction < arms.hash_to
)

select * from final
