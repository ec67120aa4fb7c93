-- What is kept of a batch with segments.

insert into found_segments
select
    getvariable('study'), lifts.experiment_key, lifts.segment_id, segment_effects.effect, lifts.raw_lift, lifts.raw_ci_low,
    lifts.raw_ci_high, lifts.pooled_lift, lifts.pooled_ci_low, lifts.pooled_ci_high, lifts.mean_lift, lifts.mean_ci_low,
    lifts.mean_ci_high, lifts.reason
from {segment_lifts} as lifts
inner join segment_effects
    on lifts.experiment_key = segment_effects.experiment_key and lifts.segment_id = segment_effects.segment_id;
