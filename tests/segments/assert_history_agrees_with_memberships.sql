-- Of the day that this build describes, the history says the same as the memberships, and the sizes and
-- the stability count the same people.
with

memberships as (select * from {{ ref('segment_memberships') }}),

history as (
    select * from {{ ref('segment_membership_history') }}
    where
        valid_from <= cast({{ as_of() }} as date)
        and (valid_to is null or valid_to > cast({{ as_of() }} as date))
),

sizes as (
    select * from {{ ref('segment_sizes') }}
    where as_of_date = cast({{ as_of() }} as date)
),

stability as (
    select * from {{ ref('segment_stability') }}
    where as_of_date = cast({{ as_of() }} as date)
),

missing as (
    select segment_id, customer_id from memberships
    except
    select segment_id, customer_id from history
),

extra as (
    select segment_id, customer_id from history
    except
    select segment_id, customer_id from memberships
),

final as (
    select
        'segment_membership_history: ' || customer_id || ' is a member of ' || segment_id
        || ' as of as_of, and the history does not say so' as problem
    from missing
    union all
    select
        'segment_membership_history: ' || customer_id || ' is no member of ' || segment_id
        || ' as of as_of, and the history says so' as problem
    from extra
    union all
    select
        'segment_stability: ' || sizes.segment_id || ' has '
        || cast(sizes.member_count as {{ dbt.type_string() }}) || ' members by segment_sizes and '
        || cast(coalesce(stability.member_count, 0) as {{ dbt.type_string() }}) as problem
    from sizes
    left join stability on sizes.segment_id = stability.segment_id
    where sizes.member_count <> coalesce(stability.member_count, 0)
)

select * from final
