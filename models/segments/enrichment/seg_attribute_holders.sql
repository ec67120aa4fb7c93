with

attributes as (select * from {{ ref('int_customer_attributes') }}),

value_counts as (
    select
        provider,
        attribute_name,
        count(distinct attribute_value) as value_count
    from attributes
    group by provider, attribute_name
)

select
    attributes.customer_id,
    cast(null as integer) as lookback_days,
    attributes.provider || ':' || attributes.attribute_name || '=' || attributes.attribute_value
        as variant,
    attributes.observed_at as qualified_at,
    cast(1 as double) as score
from attributes
inner join value_counts
    on
        attributes.provider = value_counts.provider
        and attributes.attribute_name = value_counts.attribute_name
-- What has a value of its own for nearly everybody, a number or a name, makes no audience.
where value_counts.value_count <= 20
