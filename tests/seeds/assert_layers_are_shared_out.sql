-- A layer keeps its experiments apart: while two of them enrol, no unit may fall into both.
with experiments as (
    select * from {{ ref('experiments') }}
),

final as (
    select
        'experiments ' || earlier.experiment_key || ' and ' || later.experiment_key || ' both take '
        || cast(greatest(earlier.layer_from, later.layer_from) as string) || ' to '
        || cast(least(earlier.layer_to, later.layer_to) as string) || ' of layer '
        || earlier.layer_key
        || ' from ' || cast(greatest(earlier.starts_at, later.starts_at) as string) as problem
    from experiments as earlier
    inner join experiments as later
        on
            earlier.layer_key = later.layer_key
            and earlier.experiment_key < later.experiment_key
            and earlier.layer_from < later.layer_to
            and later.layer_from < earlier.layer_to
            and earlier.starts_at < later.ends_at
            and later.starts_at < earlier.ends_at
)

select * from final
