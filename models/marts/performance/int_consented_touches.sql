{{ config(access='private', schema='intermediate') }}

with

touches as (select * from {{ ref('int_identifier_touches') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

profiles as (
    select * from {{ ref('int_customer_profiles') }}
    where is_targetable
),

consents as (
    select * from {{ ref('int_customer_consents') }}
    where is_granted and purpose = '{{ var("attribution_consent") }}'
),

final as (
    -- A touch from before the consent is not used, though the person has agreed since.
    select
        touches.touch_date,
        touches.touch_id,
        identity_map.customer_id,
        touches.campaign_id,
        touches.touch_type,
        touches.touched_at
    from touches
    inner join identity_map on touches.identifier_id = identity_map.identifier_id
    inner join profiles on identity_map.customer_id = profiles.customer_id
    left join consents on profiles.customer_id = consents.customer_id
    where
        touches.touched_at >= consents.valid_from
        or '{{ var("attribution_consent") }}' = 'none'
)

select * from final
