with matches as (
    select * from {{ ref('base_crm__contact_matches') }}
),

final as (
    select
        left_contact_id,
        right_contact_id,
        match_weight,
        match_probability
    from matches
)

select * from final
