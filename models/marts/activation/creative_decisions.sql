with

primary_segments as (select * from {{ ref('customer_primary_segments') }}),

withheld as (select * from {{ ref('int_withheld_members') }}),

units as (
    select * from {{ ref('int_experiment_units') }}
    where not is_control and outcome_ends_at > {{ as_of() }}
),

unit_customers as (select * from {{ ref('int_experiment_unit_customers') }}),

experiment_segments as (select * from {{ ref('int_experiment_segments') }}),

arms as (
    select * from {{ ref('mart_experiment_arms') }}
    where creative_key is not null
),

offers as (select * from {{ ref('int_creative_offers') }}),

draws as (select * from {{ ref('int_creative_draws') }}),

creatives as (
    -- distinct, because a creative stands in a row for each of its segments
    select distinct creative_key, template, headline, call_to_action
    from {{ ref('segment_creatives') }}
),

fallback as (
    select creative_key
    from {{ ref('segment_creatives') }}
    where family is null
),

caps_reached as (select * from {{ ref('int_creative_caps_reached') }}),

slots as (select * from {{ ref('int_customer_message_slots') }}),

profiles as (select * from {{ ref('int_customer_profiles') }}),

quiet_hours as (select * from {{ ref('quiet_hours') }}),

treated as (
    -- The creative of the arm; of two experiments on the segment the first by name.
    select
        unit_customers.customer_id,
        experiment_segments.segment_id,
        min_by(arms.creative_key, units.experiment_key) as creative_key,
        min(units.experiment_key) as experiment_key,
        min_by(arms.arm_key, units.experiment_key) as arm_key
    from units
    inner join arms
        on units.experiment_key = arms.experiment_key and units.arm_key = arms.arm_key
    inner join unit_customers
        on
            units.experiment_key = unit_customers.experiment_key
            and units.unit_id = unit_customers.unit_id
    inner join experiment_segments on units.experiment_key = experiment_segments.experiment_key
    group by unit_customers.customer_id, experiment_segments.segment_id
),

chosen as (
    select
        primary_segments.customer_id,
        primary_segments.segment_id,
        case
            when withheld.is_held_out then 'held_out'
            when withheld.is_control then 'in_control'
        end as withheld_reason,
        treated.experiment_key,
        treated.arm_key,
        coalesce(treated.creative_key, offers.creative_key) as creative_key
    from primary_segments
    -- Nothing is said to whoever is held out, or in control on the very segment.
    left join withheld
        on
            primary_segments.customer_id = withheld.customer_id
            and primary_segments.segment_id = withheld.segment_id
    left join treated
        on
            primary_segments.customer_id = treated.customer_id
            and primary_segments.segment_id = treated.segment_id
    left join draws on primary_segments.customer_id = draws.customer_id
    left join offers
        on
            primary_segments.family = offers.family
            and coalesce(primary_segments.variant, '') = offers.variant
            and draws.creative_fraction >= offers.fraction_from
            and draws.creative_fraction < offers.fraction_to
),

judged as (
    select
        chosen.customer_id,
        chosen.segment_id,
        chosen.experiment_key,
        chosen.arm_key,
        case
            when chosen.withheld_reason is not null then chosen.withheld_reason
            when chosen.creative_key is null then 'no_creative'
            when caps_reached.customer_id is not null then 'frequency_capped'
            when {{ lacks_slot('creatives', 'slots') }} then 'empty_slot'
        end as reason,
        chosen.withheld_reason is not null as is_withheld,
        chosen.creative_key,
        fallback.creative_key as fallback_creative_key
    from chosen
    left join creatives on chosen.creative_key = creatives.creative_key
    left join slots on chosen.customer_id = slots.customer_id
    left join caps_reached
        on
            chosen.customer_id = caps_reached.customer_id
            and chosen.creative_key = caps_reached.creative_key
    left join fallback on fallback.creative_key is not null
),

sending as (
    -- Quiet hours of the device, or of those without a row of their own.
    select
        profiles.customer_id,
        profiles.preferred_device,
        profiles.preferred_hour,
        coalesce(of_device.quiet_from_hour, of_others.quiet_from_hour) as quiet_from_hour,
        coalesce(of_device.quiet_to_hour, of_others.quiet_to_hour) as quiet_to_hour
    from profiles
    left join quiet_hours as of_device on profiles.preferred_device = of_device.device_type
    left join quiet_hours as of_others on of_others.device_type = 'other'
),

decided as (
    select
        *,
        case
            when is_withheld then null
            when reason is null then creative_key
            else fallback_creative_key
        end as decided_creative_key
    from judged
),

final as (
    select
        decided.customer_id,
        decided.segment_id,
        decided.decided_creative_key as creative_key,
        case
            when decided.is_withheld then 'nobody'
            when decided.reason is not null then 'fallback'
            when decided.arm_key is not null then 'arm'
            else 'weight'
        end as chosen_by,
        decided.reason,
        decided.experiment_key,
        decided.arm_key,
        creatives.template,
        {{ filled('creatives.headline', 'slots') }} as headline,
        {{ filled('creatives.call_to_action', 'slots') }} as call_to_action,
        slots.top_category,
        slots.last_viewed_product,
        slots.open_cart_amount,
        '{{ var("reporting_currency") }}' as currency_code,
        sending.preferred_device as device_type,
        case
            when {{ is_quiet('sending.preferred_hour', 'sending') }} then sending.quiet_to_hour
            else sending.preferred_hour
        end as send_hour,
        sending.quiet_from_hour,
        sending.quiet_to_hour,
        {{ as_of() }} as as_of
    from decided
    left join creatives on decided.decided_creative_key = creatives.creative_key
    left join slots on decided.customer_id = slots.customer_id
    left join sending on decided.customer_id = sending.customer_id
)

select * from final
