{{ config(access='protected', schema='intermediate', materialized='view') }}

with

plans as (select * from {{ ref('int_experiment_plans') }}),

settings as (select * from {{ ref('int_experiment_settings') }}),

defined as (
    select experiment_key
    from settings
    group by experiment_key
),

planned as (
    select experiment_key
    from plans
    group by experiment_key
),

changes as (
    select
        plans.experiment_key,
        plans.arm_key,
        plans.setting,
        'was ' || plans.planned_value || ' and is ' || settings.setting_value as change_text
    from plans
    inner join settings
        on
            plans.experiment_key = settings.experiment_key
            and coalesce(plans.arm_key, '') = coalesce(settings.arm_key, '')
            and plans.setting = settings.setting
    where plans.planned_value <> settings.setting_value
    union all
    select
        plans.experiment_key,
        plans.arm_key,
        plans.setting,
        'was ' || plans.planned_value || ' and the arm is no longer there' as change_text
    from plans
    inner join defined on plans.experiment_key = defined.experiment_key
    left join settings
        on
            plans.experiment_key = settings.experiment_key
            and plans.arm_key = settings.arm_key
            and plans.setting = settings.setting
    where plans.setting = 'weight' and settings.setting is null
    union all
    select
        settings.experiment_key,
        settings.arm_key,
        settings.setting,
        'is ' || settings.setting_value || ' and the arm was not there' as change_text
    from settings
    inner join planned on settings.experiment_key = planned.experiment_key
    left join plans
        on
            settings.experiment_key = plans.experiment_key
            and settings.arm_key = plans.arm_key
            and settings.setting = plans.setting
    where settings.setting = 'weight' and plans.setting is null
),

final as (
    select
        experiment_key,
        arm_key,
        setting,
        case
            when arm_key is null
                then
                    'seeds/experiments.csv: ' || setting || ' of experiment ' || experiment_key
            else
                'seeds/experiment_arms.csv: ' || setting || ' of arm ' || arm_key
                || ' of experiment ' || experiment_key
        end
        || ' ' || change_text || ', but the experiment has units. Put it back'
        || case
            when setting in ('layer_from', 'layer_to', 'weight')
                then
                    '; to enrol more or fewer units, change traffic_share in'
                    || ' seeds/experiment_stages.csv'
            else ''
        end
        || '; for another plan, end it by ends_at and begin a new experiment_key' as problem
    from changes
)

select * from final
