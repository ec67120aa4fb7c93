with

customers as (select * from {{ ref('int_identity_customers') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

contacts as (
    select * from {{ ref('stg_crm__contacts') }}
    where created_at < {{ as_of() }}
),

customer_accounts as (select * from {{ ref('int_identity_accounts') }}),

account_trials as (select * from {{ ref('int_account_trials') }}),

lifecycles as (select * from {{ ref('int_customer_lifecycle') }}),

purchases as (select * from {{ ref('int_customer_purchases') }}),

consents as (select * from {{ ref('int_customer_consents') }}),

delivery_preferences as (select * from {{ ref('int_customer_delivery_preferences') }}),

bots as (select * from {{ ref('int_customer_bots') }}),

people as (select * from {{ ref('int_identity_people') }}),

contact_facts as (
    select
        identity_map.customer_id,
        bool_or(contacts.is_internal) as is_internal,
        max(contacts.country_code) as country_code
    from contacts
    inner join identity_map
        on {{ identifier_id("'contact_id'", 'contacts.contact_id') }} = identity_map.identifier_id
    group by identity_map.customer_id
),

consent_facts as (
    select
        customer_id,
        bool_or(is_granted and purpose = 'ad_personalisation') as has_ad_consent,
        bool_or(is_granted and purpose = 'email_marketing') as has_email_consent,
        bool_or(is_granted and purpose = 'analytics') as has_analytics_consent
    from consents
    group by customer_id
),

final as (
    select
        customers.customer_id,
        customers.first_seen_at,
        customers.last_seen_at,
        customers.is_known,
        coalesce(contact_facts.is_internal, false) as is_internal,
        bots.customer_id is not null as is_bot,
        -- Staff and bots are in no segment, under none of a person's customers.
        not bool_or(coalesce(contact_facts.is_internal, false) or bots.customer_id is not null)
            over (partition by people.person_id) as is_targetable,
        lifecycles.lifecycle_stage,
        lifecycles.lifecycle_since,
        contact_facts.country_code,
        customer_accounts.account_id,
        coalesce(account_trials.is_in_trial, false) as is_in_trial,
        coalesce(consent_facts.has_ad_consent, false) as has_ad_consent,
        coalesce(consent_facts.has_email_consent, false) as has_email_consent,
        coalesce(consent_facts.has_analytics_consent, false) as has_analytics_consent,
        coalesce(purchases.order_count, 0) as order_count,
        coalesce(purchases.revenue_amount, 0) as revenue_amount,
        purchases.first_ordered_at,
        purchases.last_ordered_at,
        purchases.rfm_recency,
        purchases.rfm_frequency,
        purchases.rfm_monetary,
        coalesce(purchases.loyalty_tier, 'none') as loyalty_tier,
        delivery_preferences.preferred_hour,
        delivery_preferences.preferred_hour_day_count,
        delivery_preferences.preferred_weekday,
        delivery_preferences.preferred_weekday_day_count,
        delivery_preferences.preferred_device,
        delivery_preferences.preferred_device_day_count
    from customers
    inner join lifecycles on customers.customer_id = lifecycles.customer_id
    inner join people on customers.customer_id = people.customer_id
    left join contact_facts on customers.customer_id = contact_facts.customer_id
    left join customer_accounts on customers.customer_id = customer_accounts.customer_id
    left join account_trials on customer_accounts.account_id = account_trials.account_id
    left join purchases on customers.customer_id = purchases.customer_id
    left join consent_facts on customers.customer_id = consent_facts.customer_id
    left join delivery_preferences on customers.customer_id = delivery_preferences.customer_id
    left join bots on customers.customer_id = bots.customer_id
)

select * from final
