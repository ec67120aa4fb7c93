-- A request that took nobody out is told of, so that it is not forgotten.
{{ config(severity='warn') }}

with

erasure_requests as (select * from {{ ref('stg_privacy__erasure_requests') }}),

rejected_rows as (select * from {{ ref('rejected_rows') }}),

findings as (
    select
        request_id || ' names an identifier (' || identifier_type || ') that too many people share,'
        || ' so nothing was erased; ask for one of the person''s own' as finding
    from erasure_requests
    where outcome = 'shared_identifier'
    union all
    -- Once: afterwards it is known.
    select
        request_id || ' names an identifier (' || identifier_type || ') that no row bears. Is it'
        || ' written as in the source? Were the raw rows deleted before this build?' as finding
    from erasure_requests
    where outcome = 'not_found' and erased_at >= {{ run_time() }}
    union all
    select
        request_id || ' took out ' || cast(probable_identifier_count as {{ dbt.type_string() }})
        || ' identifiers that are only probably the person''s (erasure_match_probability);'
        || ' ask whether it meant them, too' as finding
    from erasure_requests
    where probable_identifier_count > 0 and erased_at >= {{ run_time() }}
    union all
    select
        cast(count(*) as {{ dbt.type_string() }}) || ' requests are refused (' || reason
        || '), so nothing was erased; rejected_rows lists them' as finding
    from rejected_rows
    where source_table = 'privacy/erasure_requests'
    group by reason
),

final as (
    select 'privacy/erasure_requests: ' || finding as problem
    from findings
)

select * from final
