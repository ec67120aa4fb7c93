-- An experiment stands in a layer that is known, of its own unit and hash, and says what the layer
-- needs to keep its experiments apart.
with experiments as (
    select * from {{ ref('experiments') }}
),

layers as (
    select * from {{ ref('layers') }}
),

placed as (
    select
        experiments.experiment_key,
        experiments.segment_id,
        experiments.unit_type,
        experiments.layer_key,
        experiments.priority,
        coalesce(experiments.hash_algorithm, 'md5') as hash_algorithm,
        coalesce(experiments.hash_attribute, 'unit_id') as hash_attribute,
        layers.layer_key is not null as is_known,
        layers.unit_type as layer_unit_type,
        layers.overlap
    from experiments
    left join layers on experiments.layer_key = layers.layer_key
    where experiments.layer_key is not null
),

rules as (
    select
        experiment_key,
        'layer_key is ' || layer_key || ', which seeds/layers.csv does not have' as violation
    from placed
    where not is_known

    union all

    select
        experiment_key,
        'unit_type is ' || unit_type || ', and layer ' || layer_key || ' is one of '
        || layer_unit_type || 's' as violation
    from placed
    where unit_type <> layer_unit_type

    union all

    select
        earlier.experiment_key,
        'hash_algorithm and hash_attribute are ' || earlier.hash_algorithm || ' and '
        || earlier.hash_attribute || ', and those of experiment ' || later.experiment_key
        || ' of the same layer ' || earlier.layer_key || ' are ' || later.hash_algorithm || ' and '
        || later.hash_attribute as violation
    from placed as earlier
    inner join placed as later
        on
            earlier.layer_key = later.layer_key
            and earlier.experiment_key < later.experiment_key
    where
        earlier.hash_algorithm <> later.hash_algorithm
        or earlier.hash_attribute <> later.hash_attribute

    union all

    select
        experiment_key,
        'priority is empty, and layer ' || layer_key || ' gives a unit to the smallest' as violation
    from placed
    where overlap = 'priority' and priority is null

    union all

    select
        experiment_key,
        'priority is ' || cast(priority as string) || ', and layer ' || layer_key
        || ' asks for none' as violation
    from placed
    where overlap <> 'priority' and priority is not null

    union all

    select
        earlier.experiment_key,
        'priority is ' || cast(earlier.priority as string) || ' as that of experiment '
        || later.experiment_key || ' of the same layer ' || earlier.layer_key as violation
    from placed as earlier
    inner join placed as later
        on
            earlier.layer_key = later.layer_key
            and earlier.experiment_key < later.experiment_key
            and earlier.priority = later.priority
    where earlier.overlap = 'priority'

    union all

    select
        experiment_key,
        'segment_id is empty, and layer ' || layer_key || ' takes customers by primary segment'
            as violation
    from placed
    where overlap = 'primary_segment' and segment_id is null
),

final as (
    select 'experiment ' || experiment_key || ' in seeds/experiments.csv: ' || violation as problem
    from rules

    union all

    select
        'layer ' || layer_key || ' in seeds/layers.csv: overlap is primary_segment and unit_type '
        || unit_type || '; only customers have a primary segment' as problem
    from layers
    where overlap = 'primary_segment' and unit_type <> 'customer'
)

select * from final
