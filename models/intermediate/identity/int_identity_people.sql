with

components as (select * from {{ ref('int_identity_person_components') }}),

links as (select * from {{ ref('int_identity_probable_links') }}),

people as (
    select vertex as customer_id, component as person_id
    from components
),

weakest_links as (
    select
        people.person_id,
        min(links.match_probability) as match_probability
    from links
    inner join people on links.left_customer_id = people.customer_id
    group by people.person_id
),

final as (
    select
        people.customer_id,
        people.person_id,
        case
            when people.customer_id = people.person_id then 1
            else coalesce(links.match_probability, weakest_links.match_probability)
        end as match_probability
    from people
    left join links
        on links.left_customer_id = least(people.customer_id, people.person_id)
            and links.right_customer_id = greatest(people.customer_id, people.person_id)
    left join weakest_links on people.person_id = weakest_links.person_id
)

select * from final
