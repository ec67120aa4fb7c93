-- What an experiment says about its assignment can be carried out by whoever assigns it.
with experiments as (
    select * from {{ ref('experiments') }}
),

rules as (
    select
        experiment_key,
        'assignment_source is external, and '
        || case
            when enrolment is not null then 'enrolment'
            when layer_key is not null then 'layer_key'
            when layer_from is not null then 'layer_from'
            when layer_to is not null then 'layer_to'
            when priority is not null then 'priority'
            when stratify_by is not null then 'stratify_by'
            when hash_algorithm is not null then 'hash_algorithm'
            when hash_attribute is not null then 'hash_attribute'
            when salt is not null then 'salt'
        end
        || ' says how this project assigns; it must be empty' as violation
    from experiments
    where
        assignment_source = 'external'
        and (
            coalesce(
                enrolment, layer_key, stratify_by, hash_algorithm, hash_attribute, salt
            ) is not null
            or coalesce(layer_from, layer_to, priority) is not null
        )

    union all

    select
        experiment_key,
        'stratify_by is ' || stratify_by || '; it must be segment_id, lifecycle_stage,'
        || ' loyalty_tier, country_code or preferred_device' as violation
    from experiments
    where
        stratify_by not in (
            'segment_id', 'lifecycle_stage', 'loyalty_tier', 'country_code', 'preferred_device'
        )

    union all

    select
        experiment_key,
        'stratify_by is ' || stratify_by || ', which accounts do not have; they have segment_id'
            as violation
    from experiments
    where
        unit_type = 'account'
        and stratify_by in ('lifecycle_stage', 'loyalty_tier', 'country_code', 'preferred_device')

    union all

    select
        experiment_key,
        'stratify_by is segment_id, and the experiment names no segment' as violation
    from experiments
    where stratify_by = 'segment_id' and segment_id is null

    union all

    -- A flag that assigns at run time sees one unit at a time.
    select
        experiment_key,
        'stratify_by is ' || stratify_by
        || ' and hash_algorithm growthbook, which does not deal out' as violation
    from experiments
    where stratify_by is not null and hash_algorithm = 'growthbook'

    union all

    select
        experiment_key,
        'hash_attribute is user_id and unit_type account; accounts have no user_id' as violation
    from experiments
    where hash_attribute = 'user_id' and unit_type = 'account'

    union all

    -- A dash ends the salt and a colon its kind, so that two salts can never give one text.
    select
        experiment_key,
        'salt is "' || salt || '"; it must be 1 to 100 letters, digits, underscores or dots'
            as violation
    from experiments
    where
        length(salt) > 100
        or salt = ''
        or length(translate(
            lower(salt), 'abcdefghijklmnopqrstuvwxyz0123456789_.', ''
        )) > 0

    union all

    -- Else whoever is in both would be in the same arm of both.
    select
        earlier.experiment_key,
        'its arms are drawn by the salt ' || coalesce(earlier.salt, earlier.experiment_key)
        || ', and so are those of experiment ' || later.experiment_key as violation
    from experiments as earlier
    inner join experiments as later
        on
            coalesce(earlier.salt, earlier.experiment_key)
            = coalesce(later.salt, later.experiment_key)
            and earlier.experiment_key < later.experiment_key
    where earlier.assignment_source = 'hashed' and later.assignment_source = 'hashed'
),

final as (
    select 'experiment ' || experiment_key || ' in seeds/experiments.csv: ' || violation as problem
    from rules
)

select * from final
