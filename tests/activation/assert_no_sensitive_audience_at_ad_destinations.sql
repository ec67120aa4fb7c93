-- No segment in whose id a word of seeds/sensitive_topics.csv stands goes to an ad destination. In
-- words of its own: as_words parts at whatever is no letter, this at the signs that it lists.
{%- set signs = " _-@:=.,;/|&+*#!?%$~^<>()[]{}\"`" ~ "\u00a0" %}
{%- set slashes = "/" * signs | length %}
with

audiences as (
    select
        destination_key,
        segment_id,
        replace(
            '/' || translate(lower(segment_id), '{{ signs }}', '{{ slashes }}') || '/', '//', '/'
        ) as words
    from {{ ref('audience_members') }}
    group by destination_key, segment_id
),

ad_destinations as (
    select destination_key
    from {{ ref('destinations') }}
    where platform <> 'generic' or required_consent = 'ad_personalisation'
),

sensitive_topics as (
    select
        topic,
        '/' || translate(lower(topic), '{{ signs }}', '{{ slashes }}') || '/' as words
    from {{ ref('sensitive_topics') }}
),

final as (
    select
        'audience_members: ' || audiences.segment_id || ' goes to ' || audiences.destination_key
        || ', and seeds/sensitive_topics.csv names ' || sensitive_topics.topic as problem
    from audiences
    inner join ad_destinations on audiences.destination_key = ad_destinations.destination_key
    inner join sensitive_topics
        on {{ dbt.position('sensitive_topics.words', 'audiences.words') }} > 0
)

select * from final
