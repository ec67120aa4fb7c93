{{ config(access='private', schema='intermediate') }}

with

units as (select * from {{ ref('int_experiment_units') }}),

exposures as (select * from {{ ref('int_experiment_exposures') }}),

campaigns as (select * from {{ ref('stg_ads__campaigns') }}),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'planned'
),

campaign_experiments as (
    -- Without a campaign there are no touches to look for, and none found would say nothing.
    select experiments.experiment_key
    from experiments
    inner join campaigns on experiments.experiment_key = campaigns.experiment_key
    group by experiments.experiment_key
),

unit_exposures as (
    select
        units.experiment_key,
        units.is_control,
        not units.is_control and units.outcome_ends_at <= {{ as_of() }} as is_mature_treatment,
        exposures.first_exposed_at is not null as is_exposed,
        exposures.exposed_before_at is not null as is_exposed_before,
        not units.is_control and coalesce(exposures.is_touched_by_another_arm, false)
            as is_crossed,
        coalesce(exposures.is_touched_by_its_arm, false) as is_touched_by_its_arm
    from units
    left join exposures
        on
            units.experiment_key = exposures.experiment_key
            and units.unit_id = exposures.unit_id
),

counts as (
    select
        campaign_experiments.experiment_key,
        count(unit_exposures.experiment_key) as unit_count,
        count(*) filter (where unit_exposures.is_control) as control_count,
        count(*) filter (
            where unit_exposures.is_control and unit_exposures.is_exposed
        ) as exposed_control_count,
        count(*) filter (where not unit_exposures.is_control) as treatment_count,
        count(*) filter (where unit_exposures.is_mature_treatment) as mature_count,
        count(*) filter (
            where unit_exposures.is_mature_treatment and not unit_exposures.is_exposed
        ) as unexposed_count,
        count(*) filter (where unit_exposures.is_exposed_before) as exposed_before_count,
        count(*) filter (where unit_exposures.is_crossed) as crossed_count,
        count(*) filter (
            where unit_exposures.is_crossed and unit_exposures.is_touched_by_its_arm
        ) as several_count
    from campaign_experiments
    left join unit_exposures
        on campaign_experiments.experiment_key = unit_exposures.experiment_key
    group by campaign_experiments.experiment_key
),

checks as (
    select
        experiment_key,
        'control_exposure' as check_name,
        0.01 as allowed_share,
        {{ share_of('exposed_control_count', 'control_count') }} as statistic,
        'of ' || {{ in_words('control_count') }} || ' control units '
        || {{ in_words('exposed_control_count') }}
        || ' were touched by the treatment in their window' as finding
    from counts
    union all
    select
        experiment_key,
        'unexposed_treatment' as check_name,
        0.2 as allowed_share,
        {{ share_of('unexposed_count', 'mature_count') }} as statistic,
        'of ' || {{ in_words('mature_count') }} || ' treatment units whose window is complete '
        || {{ in_words('unexposed_count') }} || ' were never touched in it' as finding
    from counts
    union all
    select
        experiment_key,
        'exposed_before_assignment' as check_name,
        0.01 as allowed_share,
        {{ share_of('exposed_before_count', 'unit_count') }} as statistic,
        'of ' || {{ in_words('unit_count') }} || ' units '
        || {{ in_words('exposed_before_count') }}
        || ' were touched by the treatment before they were assigned' as finding
    from counts
    union all
    select
        experiment_key,
        'several_arms_touched' as check_name,
        0.01 as allowed_share,
        {{ share_of('crossed_count', 'treatment_count') }} as statistic,
        'of ' || {{ in_words('treatment_count') }} || ' treatment units '
        || {{ in_words('crossed_count') }} || ' were touched by another arm''s creative, '
        || {{ in_words('several_count') }} || ' of them by their own arm''s too' as finding
    from counts
),

final as (
    select
        experiment_key,
        check_name,
        case when statistic > allowed_share then 'warn' else 'pass' end as status,
        statistic,
        cast(null as double) as p_value,
        finding || ' (' || {{ percent_in_words('statistic') }} || ')' as detail
    from checks
)

select * from final
