-- No segment in whose id a word of seeds/sensitive_topics.csv stands goes to an ad destination.
with

audiences as (
    select
        destination_key,
        segment_id,
        '/' || translate(lower(segment_id), '_-@:=. ', '///////') || '/' as words
    from {{ ref('audience_members') }}
    group by destination_key, segment_id
),

ad_destinations as (
    select destination_key
    from {{ ref('destinations') }}
    where platform <> 'generic' or required_consent = 'ad_personalisation'
),

sensitive_topics as (
    select topic, '%/' || translate(topic, '_-', '//') || '/%' as pattern
    from {{ ref('sensitive_topics') }}
),

final as (
    select
        'audience_members: ' || audiences.segment_id || ' goes to ' || audiences.destination_key
        || ', and seeds/sensitive_topics.csv names ' || sensitive_topics.topic as problem
    from audiences
    inner join ad_destinations on audiences.destination_key = ad_destinations.destination_key
    inner join sensitive_topics on audiences.words like sensitive_topics.pattern
)

select * from final
