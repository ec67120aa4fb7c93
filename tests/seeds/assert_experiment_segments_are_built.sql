-- An experiment on a segment whose family or window is not built would enrol no one, in silence.
-- Which variants a family has is known only after a build, so they are not asked.
{%- set families = var('segments') %}
{%- set windows = var('lookback_days') + var('cart_lookback_days') %}
with experiments as (
    select * from {{ ref('experiments') }}
),

families_of_experiments as (
    select
        experiment_key,
        segment_id,
        split_part(split_part(segment_id, '/', 1), '@', 1) as family
    from experiments
    where segment_id is not null
),

final as (
    select
        'experiment ' || experiment_key || ' enrols ' || segment_id
        || ', and the variable segments has no family '
        || family as problem
    from families_of_experiments
    where family not in ('{{ (families or ['']) | join("', '") }}')

    union all

    select
        'experiment ' || experiment_key || ' enrols ' || segment_id
        || ', and neither lookback_days nor cart_lookback_days has its window' as problem
    from families_of_experiments
    where
        segment_id like '%@%'
        {%- for window in windows | unique %}
        and segment_id not like '%@{{ window }}d'
        {%- endfor %}
)

select * from final
