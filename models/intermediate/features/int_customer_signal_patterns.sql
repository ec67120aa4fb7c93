with

signals as (select * from {{ ref('int_customer_signals') }}),

bins as (select * from {{ ref('int_scorecard_bins') }}),

signal_names as (
    select signal, count(*) as bin_count
    from bins
    group by signal
),

signal_values as (
    select
        signals.horizons_ago,
        signals.customer_id,
        signal_names.signal,
        case signal_names.signal
            when 'active_days_30d' then signals.active_days_30d
            when 'ad_clicks_30d' then signals.ad_clicks_30d
            when 'cart_adds_30d' then signals.cart_adds_30d
            when 'categories_30d' then signals.categories_30d
            when 'checkout_starts_30d' then signals.checkout_starts_30d
            when 'content_views_30d' then signals.content_views_30d
            when 'days_since_first_seen' then signals.days_since_first_seen
            when 'days_since_order' then signals.days_since_order
            when 'days_since_visit' then signals.days_since_visit
            when 'feature_uses_30d' then signals.feature_uses_30d
            when 'form_submits_30d' then signals.form_submits_30d
            when 'interactions_30d' then signals.interactions_30d
            when 'interactions_7d' then signals.interactions_7d
            when 'orders' then signals.orders
            when 'pricing_views_30d' then signals.pricing_views_30d
            when 'product_views_30d' then signals.product_views_30d
            when 'searches_30d' then signals.searches_30d
        end as signal_value
    from signals
    cross join signal_names
),

final as (
    -- Customers whose signals fall into the same bins share a pattern; all that is learnt and
    -- scored follows from how many customers each pattern has.
    select
        signal_values.horizons_ago,
        signal_values.customer_id,
        lpad(
            cast(coalesce(sum(bins.bin_code), 0) as {{ dbt.type_string() }}), 36, '0'
        ) as signal_pattern
    from signal_values
    left join bins
        on
            signal_values.signal = bins.signal
            and (
                signal_values.signal_value >= bins.from_value
                or (signal_values.signal_value is null and bins.from_value is null)
            )
            and (signal_values.signal_value < bins.below_value or bins.below_value is null)
    group by signal_values.horizons_ago, signal_values.customer_id
)

select * from final
