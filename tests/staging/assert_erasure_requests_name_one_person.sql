-- A request whose identifier many people share cannot be met: told here, so that it is not
-- forgotten.
{{ config(severity='warn') }}

with

erasure_requests as (select * from {{ ref('stg_privacy__erasure_requests') }}),

final as (
    select
        'privacy/erasure_requests: ' || request_id || ' names an identifier (' || identifier_type
        || ') that too many people share, so nothing was erased; ask for one of the person''s own'
            as problem
    from erasure_requests
    where outcome = 'shared_identifier'
)

select * from final
