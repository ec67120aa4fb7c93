-- A layer keeps its experiments apart: while two of them enrol, no unit may fall into both. Slices
-- see to it, or priorities, or that a customer has one primary segment; in a layer of the last kind
-- two experiments on one segment need slices too.
with experiments as (
    select * from {{ ref('experiments') }}
),

layers as (
    select * from {{ ref('layers') }}
),

slices as (
    select
        experiments.*,
        split_part(split_part(experiments.segment_id, '/', 1), '@', 1) as family,
        layers.overlap
    from experiments
    inner join layers on experiments.layer_key = layers.layer_key
    where layers.overlap in ('ranges', 'primary_segment')
),

final as (
    select
        'experiments ' || earlier.experiment_key || ' and ' || later.experiment_key || ' both take '
        || cast(greatest(earlier.layer_from, later.layer_from) as string) || ' to '
        || cast(least(earlier.layer_to, later.layer_to) as string) || ' of layer '
        || earlier.layer_key
        || ' from ' || cast(greatest(earlier.starts_at, later.starts_at) as string) as problem
    from slices as earlier
    inner join slices as later
        on
            earlier.layer_key = later.layer_key
            and earlier.experiment_key < later.experiment_key
            and earlier.layer_from < later.layer_to
            and later.layer_from < earlier.layer_to
            and earlier.starts_at < later.ends_at
            and later.starts_at < earlier.ends_at
            and (
                earlier.overlap = 'ranges'
                or earlier.segment_id in (later.segment_id, later.family)
                or later.segment_id = earlier.family
            )
)

select * from final
