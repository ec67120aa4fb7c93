-- Which experiments can run side by side? Every pair that is planned, running or paused, with the
-- customers whom both could take today (accounts are counted by their people), where they stand in
-- their layers, and what follows. One layer never gives a unit to both; two layers give some people
-- both treatments, independently, which is fair as long as neither changes what the other does.
-- Run it with: dbt show -s which_experiments_can_run_together --limit 50
with

outlooks as (select * from {{ ref('int_experiment_outlooks') }}),

experiments as (select * from {{ ref('mart_experiments') }}),

layers as (select * from {{ ref('layers') }}),

prospects as (
    select * from {{ ref('int_experiment_prospects') }}
    where is_member
),

profiles as (select * from {{ ref('int_customer_profiles') }}),

people as (
    select prospects.experiment_key, profiles.customer_id
    from prospects
    inner join profiles
        on prospects.unit_type = 'customer' and prospects.unit_id = profiles.customer_id
    union all
    select prospects.experiment_key, profiles.customer_id
    from prospects
    inner join profiles
        on prospects.unit_type = 'account' and prospects.unit_id = profiles.account_id
),

counts as (
    select experiment_key, count(*) as customer_count
    from people
    group by experiment_key
),

shared as (
    select
        people.experiment_key,
        others.experiment_key as other_experiment_key,
        count(*) as shared_count
    from people
    inner join people as others
        on
            people.customer_id = others.customer_id
            and people.experiment_key < others.experiment_key
    group by people.experiment_key, others.experiment_key
),

pairs as (
    select
        one.experiment_key,
        other.experiment_key as other_experiment_key,
        one.unit_type,
        other.unit_type as other_unit_type,
        one.layer_key,
        other.layer_key as other_layer_key,
        one.layer_key = other.layer_key as is_same_layer,
        one.layer_from < other.layer_to and other.layer_from < one.layer_to as are_slices_shared,
        layers.overlap,
        coalesce(counts.customer_count, 0) as customer_count,
        coalesce(other_counts.customer_count, 0) as other_customer_count,
        coalesce(shared.shared_count, 0) as shared_count,
        experiment.starts_at < coalesce(
            other_experiment.ends_at, cast('9999-12-31' as timestamp)
        )
        and other_experiment.starts_at < coalesce(
            experiment.ends_at, cast('9999-12-31' as timestamp)
        ) as is_same_time
    from outlooks as one
    inner join outlooks as other on one.experiment_key < other.experiment_key
    inner join experiments as experiment on one.experiment_key = experiment.experiment_key
    inner join experiments as other_experiment
        on other.experiment_key = other_experiment.experiment_key
    left join layers on one.layer_key = layers.layer_key
    left join counts on one.experiment_key = counts.experiment_key
    left join counts as other_counts on other.experiment_key = other_counts.experiment_key
    left join shared
        on
            one.experiment_key = shared.experiment_key
            and other.experiment_key = shared.other_experiment_key
),

final as (
    select
        experiment_key,
        other_experiment_key,
        unit_type,
        other_unit_type,
        layer_key,
        other_layer_key,
        customer_count,
        other_customer_count,
        shared_count,
        case
            when is_same_layer and not are_slices_shared
                then 'yes: disjoint slices of layer ' || layer_key || ', no unit is in both'
            when is_same_layer and not is_same_time
                then
                    'in turn: the second takes whoever''s outcome window in the first has ended'
            when is_same_layer and overlap = 'priority'
                then
                    'yes: layer ' || layer_key || ' gives each unit to the smaller priority; up to '
                    || {{ number_text('shared_count') }} || ' customers are missing in the other'
            when is_same_layer and overlap = 'primary_segment' and shared_count = 0
                then
                    'yes: layer ' || layer_key || ' lets each customer in by the primary segment'
            when is_same_layer
                then
                    'no: both take one slice of layer ' || layer_key
                    || ' at one time; the build refuses it'
            when shared_count = 0
                then 'yes: no customer is in both segments today'
            when not is_same_time
                then
                    'yes: one after the other; outcome windows may overlap on '
                    || {{ number_text('shared_count') }} || ' customers'
            else
                'yes, if neither treatment changes what the other does: '
                || {{ number_text('shared_count') }}
                || ' customers may get both, drawn independently; else put them into one layer'
        end as verdict
    from pairs
)

select * from final
order by shared_count desc, experiment_key, other_experiment_key
