-- Whom the simulation draws: the units of two of the demo's experiments, with their outcomes and covariates as
-- experiment_unit_outcomes has them (here demo_outcomes), and beside each outcome the one under a treatment that is
-- planted. Both stand once for all replays, so that the effect in the population is known to the last digit.

-- A number in [0, 1) that belongs to a text, the same on every machine.
create or replace macro chance(what) as
    cast(md5_number_lower(what) >> 12 as double) / 4503599627370496;

-- Customers who came often. Nothing was planted on them in the demo.
create or replace table shoppers as
with

wide as (
    select
        unit_id,
        max(outcome_value) filter (where metric_key = 'order_count') as orders,
        max(covariate_value) filter (where metric_key = 'order_count') as orders_before,
        max(outcome_value) filter (where metric_key = 'revenue') as revenue,
        max(covariate_value) filter (where metric_key = 'revenue') as revenue_before
    from demo_outcomes
    where experiment_key = 'loyalty_banner' and is_mature
    group by unit_id
),

-- Seven of ten are reached by the treatment. Of these some order once more, former buyers more often, for an amount
-- with a long tail, and what they would have spent anyway grows by a tenth.
planted as (
    select
        *,
        chance('reached' || unit_id) < 0.7 as is_reached,
        chance('reached' || unit_id) < 0.7
        and chance('buys' || unit_id) < case when orders_before > 0 then 0.15 else 0.05 end as buys_more,
        -ln(1 - chance('amount' || unit_id)) * (select sum(revenue) / sum(orders) from wide) as more_amount
    from wide
)

select
    row_number() over (order by unit_id) - 1 as unit_no,
    unit_id,
    orders,
    orders_before,
    revenue,
    revenue_before,
    is_reached,
    orders + if(buys_more, 1, 0) as orders_treated,
    round(revenue * if(is_reached, 1.1, 1) + if(buys_more, more_amount, 0), 2) as revenue_treated,
    case when orders_before > 0 then 'bought before' else 'did not buy' end as stratum
from planted;

-- Accounts in a trial: few units, and a covariate that tells much.
create or replace table trials as
with

wide as (
    select
        unit_id,
        max(outcome_value) filter (where metric_key = 'trial_conversion') as converted,
        max(outcome_value) filter (where metric_key = 'advanced_feature_uses') as uses,
        max(covariate_value) filter (where metric_key = 'advanced_feature_uses') as uses_before
    from demo_outcomes
    where experiment_key = 'trial_upsell' and is_mature
    group by unit_id
),

planted as (
    select
        *,
        chance('reached' || unit_id) < 0.7 as is_reached,
        ntile(3) over (order by uses_before, unit_id) as third
    from wide
)

select
    row_number() over (order by unit_id) - 1 as unit_no,
    unit_id,
    converted,
    uses,
    uses_before,
    is_reached,
    if(is_reached and chance('converts' || unit_id) < 0.15, 1, converted) as converted_treated,
    uses + if(is_reached, third, 0) as uses_treated,
    'third ' || third as stratum
from planted;

-- One row per population, unit and metric: y, d, x, z of a unit without and with the treatment.
create or replace table population as
select
    'shoppers' as population, unit_no, is_reached, stratum, 'purchase_rate' as metric_key,
    cast(orders > 0 as double) as y0, cast(orders_treated > 0 as double) as y1, cast(null as double) as d0,
    cast(null as double) as d1, cast(orders_before > 0 as double) as x, cast(null as double) as z
from shoppers
union all
select
    'shoppers', unit_no, is_reached, stratum, 'order_count', orders, orders_treated, null, null, orders_before, null
from shoppers
union all
select
    'shoppers', unit_no, is_reached, stratum, 'revenue', revenue, revenue_treated, null, null, revenue_before, null
from shoppers
union all
select
    'shoppers', unit_no, is_reached, stratum, 'revenue_capped', revenue, revenue_treated, null, null, revenue_before, null
from shoppers
union all
-- The demo's covariates tell little of orders; here is one that tells much.
select
    'shoppers', unit_no, is_reached, stratum, 'revenue_foretold', revenue, revenue_treated, null, null,
    if(chance('foretold' || unit_id) < 0.7, revenue, revenue_before), null
from shoppers
union all
select
    'shoppers', unit_no, is_reached, stratum, 'revenue_per_order', revenue, revenue_treated, orders, orders_treated,
    revenue_before, orders_before
from shoppers
union all
select
    'trials', unit_no, is_reached, stratum, 'trial_conversion', converted, converted_treated, null, null, 0, null
from trials
union all
select
    'trials', unit_no, is_reached, stratum, 'advanced_feature_uses', uses, uses_treated, null, null, uses_before, null
from trials;

-- What the estimators estimate: means over the population, of which the units of an experiment are drawn.
create or replace table truths as
select
    population,
    metric_key,
    avg(y1) - avg(y0) as mean_lift,
    avg(y1) / avg(y0) - 1 as relative_lift,
    sum(y1) / sum(d1) - sum(y0) / sum(d0) as ratio_lift,
    (avg(y1) - avg(y0)) / avg(cast(is_reached as integer)) as exposure_lift,
    corr(y0, x) as covariate_correlation
from population
group by population, metric_key;

create or replace table people as
select population, unit_no, stratum
from population
group by population, unit_no, stratum;

create or replace table found (
    study varchar, experiment_key varchar, metric_key varchar, method varchar, absolute_lift double,
    standard_error double, ci_low double, ci_high double, relative_lift double, relative_ci_low double,
    relative_ci_high double, p_value double, reason varchar
);
create or replace table found_ratio_checks (study varchar, experiment_key varchar, p_value double);
create or replace table found_segments (
    study varchar, experiment_key varchar, segment_id varchar, truth double, raw_lift double, raw_ci_low double,
    raw_ci_high double, pooled_lift double, pooled_ci_low double, pooled_ci_high double, mean_lift double,
    mean_ci_low double, mean_ci_high double, reason varchar
);

-- What the models read that is the same in all replays, or empty.
create or replace table {int_as_of} as select timestamp '2026-05-01' as as_of;
create or replace table {metrics} as
select *
from (
    values
    ('purchase_rate', 'any', null, cast(null as double)),
    ('order_count', 'count', null, null),
    ('revenue', 'sum', null, null),
    ('revenue_capped', 'sum', null, 0.95),
    ('revenue_foretold', 'sum', null, null),
    ('revenue_per_order', 'sum', 'order_count', null),
    ('trial_conversion', 'any', null, null),
    ('advanced_feature_uses', 'count', null, null)
) as metrics (metric_key, aggregation, denominator_metric_key, winsor_quantile);
create or replace table {experiment_stages} (experiment_key varchar, starts_at timestamp, traffic_share double);
create or replace table {int_experiment_external_assignments} (
    experiment_key varchar, unit_type varchar, unit_id varchar, arm_key varchar, is_control boolean, assigned_at timestamp
);
create or replace table {int_experiment_ledger_log} (
    experiment_key varchar, arm_key varchar, unit_count bigint, cause varchar, assigned_at timestamp
);
create or replace table {int_identity_map} (identifier_key varchar, customer_id varchar);
create or replace table {int_experiment_finished_statistics} (
    experiment_key varchar, ends_at timestamp, metric_key varchar, arm_key varchar, is_control boolean, population varchar,
    slice varchar, stratum varchar, unit_count bigint, exposed_count bigint, outcome_mean double, outcome_variance double,
    denominator_mean double, denominator_variance double, covariate_mean double, covariate_variance double,
    covariate_denominator_mean double, covariate_denominator_variance double, outcome_denominator_covariance double,
    outcome_covariate_covariance double, outcome_covariate_denominator_covariance double,
    denominator_covariate_covariance double, denominator_covariate_denominator_covariance double,
    covariate_covariate_denominator_covariance double, outcome_exposure_covariance double, as_of timestamp
);
