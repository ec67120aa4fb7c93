-- An experiment on a segment whose family is not built would enrol no one, in silence. Which
-- variants a family has is known only after a build, so the family alone is asked.
{%- set families = var('segments') %}
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
)

select * from final
