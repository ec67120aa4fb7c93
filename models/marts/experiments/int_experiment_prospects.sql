{#- Who could come in, and who would have: members of today, and the people whose past says what can
    be expected of them (docs/methods.md, "Power"). -#}
{{ config(access='protected', schema='intermediate') }}

with

outlooks as (select * from {{ ref('int_experiment_outlooks') }}),

candidates as (select * from {{ ref('int_experiment_candidates') }}),

experiment_segments as (select * from {{ ref('int_experiment_segments') }}),

history as (select * from {{ ref('segment_membership_history') }}),

stability as (select * from {{ ref('segment_stability') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

profiles as (
    select * from {{ ref('int_customer_profiles') }}
    where is_targetable
),

arms as (select * from {{ ref('mart_experiment_arms') }}),

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

former_members as (
    -- As if the experiment had begun on that day: who was in, and who came.
    select
        spans.experiment_key,
        coalesce(identity_map.customer_id, history.customer_id) as customer_id,
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

former_units as (
    select
        former_members.experiment_key,
        case
            when outlooks.unit_type = 'account' then profiles.account_id
            else former_members.customer_id
        end as unit_id,
        former_members.entered_on
    from former_members
    inner join outlooks on former_members.experiment_key = outlooks.experiment_key
    inner join profiles on former_members.customer_id = profiles.customer_id
),

units as (
    select
        experiment_key,
        unit_id,
        segment_id,
        stratum,
        hash_value,
        true as is_member,
        cast(null as date) as entered_on
    from candidates
    union all
    select
        experiment_key,
        unit_id,
        cast(null as {{ dbt.type_string() }}) as segment_id,
        cast(null as {{ dbt.type_string() }}) as stratum,
        cast(null as {{ dbt.type_string() }}) as hash_value,
        false as is_member,
        entered_on
    from former_units
    where unit_id is not null
),

united as (
    -- Who is no candidate today would be hashed by another value only where user_id is hashed.
    select
        experiment_key,
        unit_id,
        max(segment_id) as segment_id,
        max(stratum) as stratum,
        coalesce(max(hash_value), unit_id) as hash_value,
        bool_or(is_member) as is_member,
        min(entered_on) as entered_on
    from units
    group by experiment_key, unit_id
),

hashed as (
    select
        united.*,
        outlooks.unit_type,
        outlooks.segment_id is null as is_everyone,
        outlooks.outcome_window_days,
        outlooks.assignment_source,
        outlooks.hash_algorithm,
        outlooks.layer_from,
        outlooks.layer_to,
        outlooks.salt,
        outlooks.planned_share,
        count(united.entered_on) over (partition by united.experiment_key) as entered_count,
        {{
            layer_fraction(
                'outlooks.hash_algorithm', 'outlooks.layer_key', 'united.hash_value'
            )
        }} as layer_fraction,
        {{
            arm_fraction('outlooks.hash_algorithm', 'outlooks.salt', 'united.hash_value')
        }} as hash_fraction
    from united
    inner join outlooks on united.experiment_key = outlooks.experiment_key
),

staged as (
    -- As in int_experiment_draws. Another system knows no slice.
    select
        hashed.*,
        arms.arm_key,
        hashed.assignment_source = 'external' or (
            hashed.layer_fraction >= hashed.layer_from
            and hashed.layer_fraction < hashed.layer_to
        ) as is_in_slice,
        case
            when hashed.assignment_source = 'external' then cast(0 as double)
            when hashed.hash_algorithm = 'growthbook'
                then (hashed.hash_fraction - arms.hash_from) / (arms.hash_to - arms.hash_from)
            else (hashed.layer_fraction - hashed.layer_from) / (hashed.layer_to - hashed.layer_from)
        end as stage_position
    from hashed
    inner join arms
        on
            hashed.experiment_key = arms.experiment_key
            and hashed.hash_fraction >= arms.hash_from
            and hashed.hash_fraction < arms.hash_to
),

enrolled as (
    select
        *,
        is_in_slice and stage_position < planned_share as is_enrolled
    from staged
),

ranked as (
    select
        *,
        {{ deal_fraction('salt', 'stratum', as_of()) }} as deal_fraction,
        row_number() over (
            partition by experiment_key, stratum, is_member, is_enrolled
            order by hash_fraction, unit_id
        ) as stratum_rank,
        count(*) over (
            partition by experiment_key, stratum, is_member, is_enrolled
        ) as stratum_size
    from enrolled
),

dealt as (
    -- Strata are dealt as the ledger would deal them today.
    select
        *,
        case
            when stratum is null or not (is_member and is_enrolled) then hash_fraction
            else {{ dealt_fraction('stratum_rank', 'deal_fraction', 'stratum_size') }}
        end as arm_fraction
    from ranked
),

final as (
    select
        dealt.experiment_key,
        dealt.unit_type,
        dealt.unit_id,
        dealt.segment_id,
        dealt.stratum,
        dealt.hash_value,
        dealt.is_member,
        dealt.is_enrolled,
        dealt.stage_position,
        case
            when dealt.entered_count >= 100 then 'history'
            when dealt.is_everyone then 'everyone'
            else 'members'
        end as baseline_basis,
        case
            when dealt.entered_count >= 100 then cast(dealt.entered_on as timestamp)
            when dealt.is_member
                then {{ dbt.dateadd('day', '-dealt.outcome_window_days', as_of()) }}
        end as baseline_at,
        case when dealt.assignment_source = 'hashed' then arms.arm_key end as arm_key
    from dealt
    inner join arms
        on
            dealt.experiment_key = arms.experiment_key
            and dealt.arm_fraction >= arms.hash_from
            and dealt.arm_fraction < arms.hash_to
)

select * from final
