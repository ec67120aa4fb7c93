-- The sizes of the day that this build describes are those of the catalogue's segments, each once.
with

segments as (select * from {{ ref('segments') }}),

sizes as (
    select * from {{ ref('segment_sizes') }}
    where as_of_date = cast({{ as_of() }} as date)
),

final as (
    select 'segment_sizes: ' || segments.segment_id || ' has no size as of as_of' as problem
    from segments
    left join sizes on segments.segment_id = sizes.segment_id
    where sizes.segment_id is null
    union all
    select 'segment_sizes: ' || sizes.segment_id || ' is not in the catalogue' as problem
    from sizes
    left join segments on sizes.segment_id = segments.segment_id
    where segments.segment_id is null
)

select * from final
