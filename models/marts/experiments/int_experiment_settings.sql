{{ config(access='private', schema='intermediate', materialized='view') }}

with

experiments as (select * from {{ ref('experiments') }}),

arms as (select * from {{ ref('experiment_arms') }}),

experiment_settings as (
    select names.setting
    from (
        values
        ('segment_id'), ('unit_type'), ('assignment_source'), ('enrolment'), ('layer_key'),
        ('layer_from'), ('layer_to'), ('priority'), ('starts_at'), ('outcome_window_days'),
        ('covariate_window_days'), ('primary_metric_key'), ('alpha'), ('stratify_by'),
        ('hash_algorithm'), ('hash_attribute'), ('salt')
    ) as names (setting)
),

arm_settings as (
    select names.setting
    from (values ('weight'), ('is_control'), ('creative_key')) as names (setting)
),

settings as (
    -- An empty value as it is read: a default that someone writes down changes nothing.
    select
        experiments.experiment_key,
        cast(null as {{ dbt.type_string() }}) as arm_key,
        experiment_settings.setting,
        case experiment_settings.setting
            when 'segment_id' then experiments.segment_id
            when 'unit_type' then experiments.unit_type
            when 'assignment_source' then experiments.assignment_source
            when 'enrolment' then coalesce(experiments.enrolment, 'always_on')
            when 'layer_key' then experiments.layer_key
            when 'layer_from' then cast(experiments.layer_from as {{ dbt.type_string() }})
            when 'layer_to' then cast(experiments.layer_to as {{ dbt.type_string() }})
            when 'priority' then cast(experiments.priority as {{ dbt.type_string() }})
            when 'starts_at' then cast(experiments.starts_at as {{ dbt.type_string() }})
            when 'outcome_window_days'
                then cast(experiments.outcome_window_days as {{ dbt.type_string() }})
            when 'covariate_window_days'
                then cast(experiments.covariate_window_days as {{ dbt.type_string() }})
            when 'primary_metric_key' then experiments.primary_metric_key
            when 'alpha' then cast(experiments.alpha as {{ dbt.type_string() }})
            when 'stratify_by' then experiments.stratify_by
            when 'hash_algorithm' then coalesce(experiments.hash_algorithm, 'md5')
            when 'hash_attribute' then coalesce(experiments.hash_attribute, 'unit_id')
            when 'salt' then coalesce(experiments.salt, experiments.experiment_key)
        end as setting_value
    from experiments
    cross join experiment_settings
    union all
    select
        arms.experiment_key,
        arms.arm_key,
        arm_settings.setting,
        case arm_settings.setting
            when 'weight' then cast(arms.weight as {{ dbt.type_string() }})
            when 'is_control' then cast(arms.is_control as {{ dbt.type_string() }})
            when 'creative_key' then arms.creative_key
        end as setting_value
    from arms
    cross join arm_settings
),

final as (
    select
        experiment_key,
        arm_key,
        setting,
        coalesce(setting_value, 'empty') as setting_value
    from settings
)

select * from final
