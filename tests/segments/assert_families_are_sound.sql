-- What a family may not bring, by the file that says who is in: a customer twice in one segment, a row
-- without a customer or without its moment, a score that is no number.
{%- set text = dbt.type_string() %}
with

candidates as (select * from {{ ref('int_segment_candidates') }}),

families as (
    {{ segment_family_rows() }}
),

repeated as (
    select
        family,
        segment_id,
        customer_id
    from candidates
    where customer_id is not null
    group by family, segment_id, customer_id
    having count(*) > 1
),

broken as (
    select
        family,
        segment_id,
        cast(count(*) as {{ text }}) || ' customers stand more than once in it, as '
        || min(customer_id) || '; a family has one row per customer, variant and window' as problem
    from repeated
    group by family, segment_id
    union all
    select
        family,
        segment_id,
        cast(count(*) as {{ text }}) || ' rows without a customer_id' as problem
    from candidates
    where customer_id is null
    group by family, segment_id
    union all
    select
        family,
        segment_id,
        cast(count(*) as {{ text }}) || ' rows without a qualified_at, as of '
        || coalesce(min(customer_id), 'nobody') as problem
    from candidates
    where qualified_at is null
    group by family, segment_id
    union all
    -- NaN is larger than any number, and no double above 1e300 counts or weighs anything.
    select
        family,
        segment_id,
        cast(count(*) as {{ text }}) || ' rows whose score is null, NaN or infinite, as of '
        || coalesce(min(customer_id), 'nobody') as problem
    from candidates
    where not coalesce(score between -1e300 and 1e300, false)
    group by family, segment_id
),

final as (
    select
        families.file_path || ': ' || broken.segment_id || ': ' || coalesce(broken.problem, '')
            as problem
    from broken
    inner join families on broken.family = families.family
)

select * from final
