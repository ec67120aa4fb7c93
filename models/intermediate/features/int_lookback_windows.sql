{#- dbt reads the models before the hooks: a list that is none is named before it is looped over. -#}
{%- do check_variables() -%}

with

lookbacks as (
    select 'activity' as window_use, activity.lookback_days
    from (values ({{ var('lookback_days') | join('), (') }})) as activity (lookback_days)
    union all
    select 'cart' as window_use, carts.lookback_days
    from (values ({{ var('cart_lookback_days') | join('), (') }})) as carts (lookback_days)
),

bounds as (
    select
        window_use,
        lookback_days,
        {{ as_of() }} as ends_at
    from lookbacks
),

starts as (
    select
        window_use,
        lookback_days,
        {{ dbt.dateadd('day', '-lookback_days', 'ends_at') }} as starts_at,
        ends_at
    from bounds
),

final as (
    select
        window_use,
        lookback_days,
        starts_at,
        ends_at,
        cast(starts_at as date) as starts_on,
        cast(ends_at as date) as ends_before
    from starts
)

select * from final
