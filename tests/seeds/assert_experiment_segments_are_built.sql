-- An experiment or a holdout of a segment whose family or window is not built would take no one, in
-- silence.
-- Which variants a family has is known only after a build, so they are not asked.
{%- set families = var('segments') %}
{%- set windows = var('lookback_days') + var('cart_lookback_days') %}
with experiments as (
    select * from {{ ref('experiments') }}
),

holdouts as (
    select * from {{ ref('holdouts') }}
),

named as (
    select 'experiment ' || experiment_key || ' enrols ' || segment_id as naming, segment_id
    from experiments
    where segment_id is not null
    union all
    select 'holdout ' || holdout_key || ' is of ' || segment_id as naming, segment_id
    from holdouts
    where segment_id is not null
),

families as (
    select
        naming,
        segment_id,
        split_part(split_part(segment_id, '/', 1), '@', 1) as family
    from named
),

final as (
    select naming || ', and the variable segments has no family ' || family as problem
    from families
    where family not in ('{{ (families or ['']) | join("', '") }}')

    union all

    select naming || ', and neither lookback_days nor cart_lookback_days has its window' as problem
    from families
    where
        segment_id like '%@%'
        {%- for window in windows | unique %}
        and segment_id not like '%@{{ window }}d'
        {%- endfor %}
)

select * from final
