-- What another system assigned is measured only where seeds/experiments.csv and
-- seeds/experiment_arms.csv know it: a refused row is told of, with what it takes to measure it.
{{ config(severity='warn') }}

with

rejected_rows as (
    -- A row's key is experiment_key|identifier_value; who it is about is not told.
    select
        reason,
        substr(row_key, 1, position('|' in row_key) - 1) as experiment_key
    from {{ ref('rejected_rows') }}
    where source_table = 'experiments/assignments'
),

remedies as (
    select
        words.reason,
        words.remedy
    from (
        values
        ('unknown_experiment', 'are of no experiment of seeds/experiments.csv: add it there'),
        (
            'hashed_experiment',
            'are of an experiment that is assigned here by hash: name them otherwise'
        ),
        ('other_unit_type', 'have another unit_type than seeds/experiments.csv says'),
        ('unknown_arm', 'have an arm that is no row of seeds/experiment_arms.csv: add it there')
    ) as words (reason, remedy)
),

final as (
    select
        'experiments/assignments: ' || cast(count(*) as {{ dbt.type_string() }}) || ' rows of '
        || rejected_rows.experiment_key || ' ' || remedies.remedy
        || '. They are not measured, and stand in rejected_rows as ' || remedies.reason as problem
    from rejected_rows
    inner join remedies on rejected_rows.reason = remedies.reason
    group by rejected_rows.experiment_key, remedies.reason, remedies.remedy
)

select * from final
