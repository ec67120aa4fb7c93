-- crm/consents: one row per person who opted out of e-mail.
--
-- Only the opt-out is a decision: who has not opted out has not consented by that. Grants must come from where they were
-- given (a form, the objects Individual and ContactPointTypeConsent). The field has no date of its own; the last change of
-- the record is the latest that it can be, and moves with every later edit.
with

-- Deleted records and converted leads too: the address may stand elsewhere, and the opt-out holds for it.
opted_out as (
    select id, email, last_modified_date, created_date
    from contact
    where has_opted_out_of_email
    union all
    select id, email, last_modified_date, created_date
    from lead
    where has_opted_out_of_email
),

final as (
    select
        own_id(id) || ':email_marketing' as consent_id,
        case when email is not null then 'email' else 'contact_id' end as identifier_type,
        coalesce(email, own_id(id)) as identifier_value,
        'email_marketing' as purpose,
        'withdrawn' as status,
        cast(coalesce(last_modified_date, created_date) as timestamp) as recorded_at,
        'crm' as source
    from opted_out
)

select * from final
order by all
