-- enrichment/attributes: one row per household and demographic that is known of it. 801 of 2,469
-- households have demographics; the others have no row. The wheel does not say when they were
-- observed: the moment from which the household is known is the earliest that makes sense and
-- never tells an earlier day something.
with answers as (
    unpivot demographics
    on age, income, home_ownership, marital_status, household_size, household_comp, kids_count
    into name attribute_name value attribute_value
),

final as (
    select
        'complete_journey' as provider,
        'second' as party,
        'user_id' as identifier_type,
        households.household_id as identifier_value,
        answers.attribute_name,
        answers.attribute_value,
        households.first_seen_at as observed_at,
        cast(null as timestamp) as expires_at,
        -- The wheel does not state one.
        'not_stated' as legal_basis
    from answers
    inner join households
        on cast(answers.household_id as text) = households.household_id
)

select * from final
order by identifier_value, attribute_name
