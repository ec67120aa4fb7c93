with

attributes as (select * from {{ ref('int_customer_attributes') }}),

holder_counts as (
    select
        provider,
        attribute_name,
        attribute_value,
        count(*) as holder_count,
        count(*) over (partition by provider, attribute_name) as value_count
    from attributes
    group by provider, attribute_name, attribute_value
)

select
    attributes.customer_id,
    cast(null as integer) as lookback_days,
    attributes.provider || ':' || attributes.attribute_name || '=' || attributes.attribute_value
        as variant,
    attributes.observed_at as qualified_at,
    cast(1 as double) as score
from attributes
inner join holder_counts
    on
        attributes.provider = holder_counts.provider
        and attributes.attribute_name = holder_counts.attribute_name
        and attributes.attribute_value = holder_counts.attribute_value
-- What has a value of its own for nearly everybody, a number or a name, makes no audience; and the
-- name of a segment, which is kept, must not say something about a few people.
where holder_counts.value_count <= 20 and holder_counts.holder_count >= 10
