{#- A memory, exempt from full refresh: a run replaces the sizes of the day that it describes and keeps the others. -#}
{{
    config(
        pre_hook="{{ forget_day('as_of_date') }}",
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='fail'
    )
}}

with

segments as (select * from {{ ref('segments') }}),

memberships as (select * from {{ ref('segment_memberships') }}),

profiles as (select * from {{ ref('int_customer_profiles') }}),

counts as (
    select
        memberships.segment_id,
        count(*) as member_count,
        count(*) filter (where profiles.has_ad_consent or profiles.has_email_consent)
            as eligible_count
    from memberships
    inner join profiles on memberships.customer_id = profiles.customer_id
    group by memberships.segment_id
),

final as (
    select
        segments.segment_id,
        cast({{ as_of() }} as date) as as_of_date,
        coalesce(counts.member_count, 0) as member_count,
        coalesce(counts.eligible_count, 0) as eligible_count,
        segments.min_size,
        segments.max_size,
        case
            when coalesce(counts.member_count, 0) < segments.min_size then 'too_small'
            when counts.member_count > segments.max_size then 'too_large'
            else 'ok'
        end as size_status
    from segments
    left join counts on segments.segment_id = counts.segment_id
)

select * from final
