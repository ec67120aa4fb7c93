{{ config(access='private', schema='intermediate') }}

with

cells as (select * from {{ ref('int_experiment_cell_sums') }}),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'planned'
),

arms as (select * from {{ ref('mart_experiment_arms') }}),

experiment_metrics as (select * from {{ ref('experiment_metrics') }}),

early_experiments as (
    -- Where every window is complete, early figures would be the same again.
    select experiment_key
    from cells
    where not is_mature
    group by experiment_key
),

strata as (
    -- A stratum of the experiment stands in all its arms, also where it has no unit, and also while no
    -- unit's window is complete.
    select cells.experiment_key, cells.stratum
    from cells
    inner join experiments on cells.experiment_key = experiments.experiment_key
    where experiments.stratify_by is not null
    group by cells.experiment_key, cells.stratum
),

parts as (
    -- By what the ledger recorded at the assignment. Of an experiment on everyone there is no segment.
    -- A part whose units all have their outcomes before them stands there too, and says so. Each
    -- stands in many cells.
    select experiment_key, 'segment:' || segment_id as part
    from cells
    where segment_id is not null
    union distinct
    select experiment_key, 'lifecycle_stage:' || lifecycle_stage as part
    from cells
    union distinct
    select experiment_key, 'loyalty_tier:' || loyalty_tier as part
    from cells
    union distinct
    select experiment_key, 'country_code:' || country_code as part
    from cells
    union distinct
    select experiment_key, 'preferred_device:' || preferred_device as part
    from cells
),

frames as (
    -- Whom a row is about: everyone, and those whose treatment is in no doubt; those whose outcome
    -- window is complete, since half a window would favour no one and mislead everyone, and, apart
    -- from them, all as far as they are; all strata together, each, and each other part.
    select experiment_key, 'all' as population, 'all' as slice, 'all' as stratum
    from experiments
    union all
    select experiment_key, 'unmerged' as population, 'all' as slice, 'all' as stratum
    from experiments
    union all
    select experiment_key, 'all' as population, 'early' as slice, 'all' as stratum
    from early_experiments
    union all
    select experiment_key, 'all' as population, 'all' as slice, 'stratum:' || stratum as stratum
    from strata
    union all
    select experiment_key, 'all' as population, 'all' as slice, part as stratum
    from parts
),

final as (
    select
        frames.experiment_key,
        experiment_metrics.metric_key,
        arms.arm_key,
        arms.is_control,
        frames.population,
        frames.slice,
        frames.stratum,
        cast(coalesce(sum(cells.unit_count), 0) as bigint) as unit_count,
        cast(coalesce(sum(cells.exposed_count), 0) as bigint) as exposed_count,
        {{ stable_sum('cells.outcome_sum') }} as outcome_sum,
        {{ scale_of('outcome') }} as outcome_scale,
        cast(sum(cells.outcome_deviation_sum) as double) as outcome_deviation_sum,
        cast(sum(cells.outcome_square_sum) as double) as outcome_square_sum,
        {{ stable_sum('cells.denominator_sum') }} as denominator_sum,
        {{ scale_of('denominator') }} as denominator_scale,
        cast(sum(cells.denominator_deviation_sum) as double) as denominator_deviation_sum,
        cast(sum(cells.denominator_square_sum) as double) as denominator_square_sum,
        {{ stable_sum('cells.covariate_sum') }} as covariate_sum,
        {{ scale_of('covariate') }} as covariate_scale,
        cast(sum(cells.covariate_deviation_sum) as double) as covariate_deviation_sum,
        cast(sum(cells.covariate_square_sum) as double) as covariate_square_sum,
        {{ stable_sum('cells.covariate_denominator_sum') }} as covariate_denominator_sum,
        {{ scale_of('covariate_denominator') }} as covariate_denominator_scale,
        cast(sum(cells.covariate_denominator_deviation_sum) as double)
            as covariate_denominator_deviation_sum,
        cast(sum(cells.covariate_denominator_square_sum) as double)
            as covariate_denominator_square_sum,
        cast(sum(cells.outcome_denominator_product_sum) as double)
            as outcome_denominator_product_sum,
        cast(sum(cells.outcome_covariate_product_sum) as double)
            as outcome_covariate_product_sum,
        cast(sum(cells.outcome_covariate_denominator_product_sum) as double)
            as outcome_covariate_denominator_product_sum,
        cast(sum(cells.denominator_covariate_product_sum) as double)
            as denominator_covariate_product_sum,
        cast(sum(cells.denominator_covariate_denominator_product_sum) as double)
            as denominator_covariate_denominator_product_sum,
        cast(sum(cells.covariate_covariate_denominator_product_sum) as double)
            as covariate_covariate_denominator_product_sum,
        cast(sum(cells.exposed_deviation_sum) as double) as exposed_deviation_sum
    from frames
    inner join experiment_metrics on frames.experiment_key = experiment_metrics.experiment_key
    inner join arms on frames.experiment_key = arms.experiment_key
    left join cells
        on
            frames.experiment_key = cells.experiment_key
            and experiment_metrics.metric_key = cells.metric_key
            and arms.arm_key = cells.arm_key
            and (frames.population = 'all' or not cells.is_merged_across_arms)
            and (frames.slice = 'early' or cells.is_mature)
            and frames.stratum in (
                'all',
                'stratum:' || cells.stratum,
                'segment:' || coalesce(cells.segment_id, ''),
                'lifecycle_stage:' || cells.lifecycle_stage,
                'loyalty_tier:' || cells.loyalty_tier,
                'country_code:' || cells.country_code,
                'preferred_device:' || cells.preferred_device
            )
    group by
        frames.experiment_key,
        experiment_metrics.metric_key,
        arms.arm_key,
        arms.is_control,
        frames.population,
        frames.slice,
        frames.stratum
)

select * from final
