with

checks as (
    -- One model a kind of check, all of one shape. docs/experiments.md says what each asks.
    select * from {{ ref('int_experiment_ratio_checks') }}
    union all
    select * from {{ ref('int_experiment_balance_checks') }}
    union all
    select * from {{ ref('int_experiment_merge_checks') }}
    union all
    select * from {{ ref('int_experiment_assignment_checks') }}
    union all
    select * from {{ ref('int_experiment_missing_checks') }}
    union all
    select * from {{ ref('int_experiment_holdout_checks') }}
    union all
    select * from {{ ref('int_experiment_carry_over_checks') }}
    union all
    select * from {{ ref('int_experiment_exposure_checks') }}
),

final as (
    select
        experiment_key,
        check_name,
        status,
        statistic,
        p_value,
        detail
    from checks
)

select * from final
