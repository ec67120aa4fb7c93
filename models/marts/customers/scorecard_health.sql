{%- do check_variables() -%}

with

judged as (select * from {{ ref('int_segment_scorecard_accuracy') }}),

calibration as (select * from {{ ref('scorecard_calibration') }}),

samples as (
    select * from {{ ref('int_segment_scorecard_samples') }}
    where purpose = 'scores'
),

dates as (
    select * from {{ ref('int_scoring_dates') }}
    where purpose = 'propensity'
),

scorecards (scorecard_key, judged_by) as (
    values
    {%- for segment_id in var('lookalike_segments') %}
    ('{{ segment_id }}', 'other customers'),
    {%- endfor %}
    ('propensity', 'later outcomes')
),

history as (
    select max(horizon_days) as horizon_days, count(*) filter (where has_history) as moments
    from dates
),

learnt as (
    select
        scorecard_key,
        sum(customer_count) as learning_customer_count,
        sum(positive_count) as learning_positive_count
    from samples
    group by scorecard_key
),

calibrated as (
    select
        scorecard_key,
        {{ stable_sum('customer_count * abs(predicted_rate - observed_rate)') }}
        / sum(customer_count) as calibration_error
    from calibration
    group by scorecard_key
),

combined as (
    select
        scorecards.scorecard_key,
        scorecards.judged_by,
        history.horizon_days,
        history.moments,
        coalesce(learnt.learning_customer_count, 0) as learning_customer_count,
        coalesce(learnt.learning_positive_count, 0) as learning_positive_count,
        coalesce(judged.judged_customer_count, 0) as judged_customer_count,
        coalesce(judged.judged_positive_count, 0) as judged_positive_count,
        judged.auc,
        judged.auc_standard_error,
        case
            when judged.auc_standard_error is not null
                then greatest(judged.auc - 1.959963984540054e0 * judged.auc_standard_error, 0e0)
        end as auc_ci_low,
        case
            when judged.auc_standard_error is not null
                then least(judged.auc + 1.959963984540054e0 * judged.auc_standard_error, 1e0)
        end as auc_ci_high,
        judged.predicted_rate,
        judged.observed_rate,
        calibrated.calibration_error,
        judged.brier_score
    from scorecards
    cross join history
    left join learnt on scorecards.scorecard_key = learnt.scorecard_key
    left join judged on scorecards.scorecard_key = judged.scorecard_key
    left join calibrated on scorecards.scorecard_key = calibrated.scorecard_key
),

found as (
    select
        *,
        case
            when moments < 2 then 'no_history'
            when
                learning_positive_count < 20
                or learning_customer_count - learning_positive_count < 20
                then 'too_few'
            when auc_standard_error is null then 'not_judged'
            when auc_ci_low <= 0.5 then 'no_better_than_chance'
            when judged_positive_count < 100 then 'few_to_judge_by'
            when predicted_rate not between 0.8 * observed_rate and 1.25 * observed_rate
                then 'off_the_mark'
            else 'held'
        end as finding
    from combined
),

final as (
    select
        scorecard_key,
        case
            when finding in ('no_history', 'too_few', 'no_better_than_chance') then 'fail'
            when finding = 'held' then 'pass'
            else 'warn'
        end as status,
        cast(learning_customer_count as bigint) as learning_customer_count,
        cast(learning_positive_count as bigint) as learning_positive_count,
        judged_by,
        cast(judged_customer_count as bigint) as judged_customer_count,
        cast(judged_positive_count as bigint) as judged_positive_count,
        auc,
        auc_standard_error,
        auc_ci_low,
        auc_ci_high,
        predicted_rate,
        observed_rate,
        calibration_error,
        brier_score,
        case finding
            when 'no_history'
                then
                    'no scores: they need ' || cast(2 * horizon_days as {{ dbt.type_string() }})
                    || ' days of history before as_of'
            when 'too_few'
                then
                    'no scores: of ' || cast(learning_customer_count as {{ dbt.type_string() }})
                    || ' customers to learn from '
                    || cast(learning_positive_count as {{ dbt.type_string() }})
                    || ' have the outcome; 20 with it and 20 without are needed'
            when 'not_judged'
                then
                    'not judged: that needs ' || cast(3 * horizon_days as {{ dbt.type_string() }})
                    || ' days of history before as_of, and two customers with the outcome'
            when 'no_better_than_chance'
                then
                    'no better than chance: the interval of the AUC holds 0.5;'
                    || ' do not use the scores'
            when 'few_to_judge_by'
                then
                    'only ' || cast(judged_positive_count as {{ dbt.type_string() }})
                    || ' customers with the outcome to judge by: the AUC could as well be any in'
                    || ' its interval, and the probabilities are as uncertain'
            when 'off_the_mark'
                then
                    'the order holds, the probabilities do not: predicted '
                    || cast(round(100 * predicted_rate, 2) as {{ dbt.type_string() }})
                    || ' %, observed '
                    || cast(round(100 * observed_rate, 2) as {{ dbt.type_string() }}) || ' %'
            else 'order and mean probability held where it was not learnt from'
        end as detail,
        {{ as_of() }} as as_of
    from found
)

select * from final
