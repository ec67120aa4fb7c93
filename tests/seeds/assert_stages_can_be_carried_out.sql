-- A stage says for an experiment that is assigned here, one unit after the other, from when on which
-- share of its slice is enrolled.
with experiments as (
    select * from {{ ref('experiments') }}
),

stages as (
    select * from {{ ref('experiment_stages') }}
),

rules as (
    select
        stages.experiment_key,
        stages.starts_at,
        'seeds/experiments.csv has no such experiment' as violation
    from stages
    left join experiments on stages.experiment_key = experiments.experiment_key
    where experiments.experiment_key is null

    union all

    select
        experiment_key,
        starts_at,
        'traffic_share is ' || cast(traffic_share as string) || '; it must be from 0 to 1'
            as violation
    from stages
    where not (traffic_share >= 0 and traffic_share <= 1)

    union all

    select
        stages.experiment_key,
        stages.starts_at,
        'its enrolment is batch: all are taken at once' as violation
    from stages
    inner join experiments on stages.experiment_key = experiments.experiment_key
    where experiments.enrolment = 'batch'

    union all

    select
        stages.experiment_key,
        stages.starts_at,
        'its assignment_source is external: the other system says who is enrolled' as violation
    from stages
    inner join experiments on stages.experiment_key = experiments.experiment_key
    where experiments.assignment_source = 'external'

    union all

    select
        experiment_key,
        starts_at,
        'there are ' || cast(count(*) as string) || ' rows for this moment' as violation
    from stages
    group by experiment_key, starts_at
    having count(*) > 1
),

final as (
    select
        'stage ' || cast(starts_at as string) || ' of experiment ' || experiment_key
        || ' in seeds/experiment_stages.csv: ' || violation as problem
    from rules
)

select * from final
