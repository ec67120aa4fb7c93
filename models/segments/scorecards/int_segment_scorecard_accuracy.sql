{{ config(materialized='table') }}

with

judgements as (select * from {{ ref('int_segment_scorecard_judgements') }}),

ranked as (
    -- Of each probability: how many with and without the outcome stand below it, or on it.
    select
        *,
        customer_count - positive_count as other_count,
        sum(customer_count - positive_count) over (
            partition by scorecard_key order by probability
        ) as others_up_to,
        sum(positive_count) over (partition by scorecard_key order by probability)
            as positives_up_to,
        sum(positive_count) over (partition by scorecard_key) as all_positives,
        sum(customer_count - positive_count) over (partition by scorecard_key) as all_others
    from judgements
),

placements as (
    -- The share of the others that a positive outranks, and of the positives that outrank another;
    -- equal ones count half.
    select
        *,
        (others_up_to - other_count / 2e0) / nullif(all_others, 0) as others_outranked,
        1 - (positives_up_to - positive_count / 2e0) / nullif(all_positives, 0)
            as positives_above
    from ranked
),

areas as (
    select
        *,
        {{
            stable_sum('positive_count * others_outranked', over='partition by scorecard_key')
        }} / nullif(all_positives, 0) as auc
    from placements
),

final as (
    -- Standard error by DeLong et al. (1988): the placements' variances.
    select
        scorecard_key,
        max(all_positives + all_others) as judged_customer_count,
        max(all_positives) as judged_positive_count,
        max(auc) as auc,
        sqrt(
            {{ stable_sum('positive_count * (others_outranked - auc) * (others_outranked - auc)') }}
            / nullif(max(all_positives) - 1, 0) / nullif(max(all_positives), 0)
            + {{ stable_sum('other_count * (positives_above - auc) * (positives_above - auc)') }}
            / nullif(max(all_others) - 1, 0) / nullif(max(all_others), 0)
        ) as auc_standard_error,
        {{ stable_sum('customer_count * probability') }} / max(all_positives + all_others)
            as predicted_rate,
        max(all_positives) / cast(max(all_positives + all_others) as double) as observed_rate,
        {{
            stable_sum(
                'positive_count * (1 - probability) * (1 - probability)'
                ~ ' + other_count * probability * probability'
            )
        }} / max(all_positives + all_others) as brier_score
    from areas
    group by scorecard_key
)

select * from final
