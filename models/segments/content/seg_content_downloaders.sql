with

content_interests as (select * from {{ ref('int_customer_content_interests') }})

select
    customer_id,
    lookback_days,
    content_type as variant,
    last_download_at as qualified_at,
    download_count as score
from content_interests
where download_count >= 1
