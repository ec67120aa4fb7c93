{#- Which creative of several a customer gets is chance too, and chance is of this room alone. -#}
{{ config(access='protected', schema='intermediate') }}

with

primary_segments as (select * from {{ ref('customer_primary_segments') }}),

final as (
    -- By family, so that a customer keeps the creative while the segment within it changes.
    select
        customer_id,
        {{ hash_fraction("'creative:' || family", 'customer_id') }} as creative_fraction
    from primary_segments
)

select * from final
