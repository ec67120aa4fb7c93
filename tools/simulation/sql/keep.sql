-- What is kept of a batch.

insert into found
select
    getvariable('study'), experiment_key, metric_key, method, absolute_lift, standard_error, ci_low, ci_high,
    relative_lift, relative_ci_low, relative_ci_high, p_value, reason
from {experiment_results}
where arm_key = 'treatment' and method <> 'itt_unmerged' and slice = 'all';

insert into found_ratio_checks
select getvariable('study'), checks.experiment_key, checks.p_value
from {int_experiment_ratio_checks} as checks
inner join (select distinct experiment_key from sample) as sampled on checks.experiment_key = sampled.experiment_key;
