with

audience_members as (select * from {{ ref('audience_members') }}),

batches as (select * from {{ ref('int_audience_sent_batches') }}),

states as (select * from {{ ref('int_audience_platform_states') }}),

newest_day as (
    select max(as_of) as as_of
    from batches
),

wanted as (
    select
        destination_key,
        segment_id,
        customer_id,
        'email' as identifier_type,
        email_sha256 as identifier_value
    from audience_members
    where email_sha256 is not null
    union all
    select
        destination_key,
        segment_id,
        customer_id,
        'phone' as identifier_type,
        phone_sha256 as identifier_value
    from audience_members
    where phone_sha256 is not null
),

to_add as (
    -- A member is sent whole where one of the identifiers is not certainly there.
    select
        wanted.destination_key,
        wanted.segment_id,
        wanted.customer_id
    from wanted
    left join states
        on
            wanted.destination_key = states.destination_key
            and wanted.segment_id = states.segment_id
            and wanted.identifier_type = states.identifier_type
            and wanted.identifier_value = states.identifier_value
    where coalesce(states.may_be_out, true)
    group by wanted.destination_key, wanted.segment_id, wanted.customer_id
),

to_remove as (
    -- What may be there and nobody in the audience has. Two people may share an identifier.
    select
        states.destination_key,
        states.segment_id,
        states.customer_id,
        states.identifier_type,
        states.identifier_value,
        row_number() over (
            partition by
                states.destination_key,
                states.segment_id,
                states.customer_id,
                states.identifier_type
            order by states.identifier_value
        ) as record_number
    from states
    left join wanted
        on
            states.destination_key = wanted.destination_key
            and states.segment_id = wanted.segment_id
            and states.identifier_type = wanted.identifier_type
            and states.identifier_value = wanted.identifier_value
    where states.may_be_in and wanted.customer_id is null
),

changes as (
    select
        members.destination_key,
        members.segment_id,
        members.customer_id,
        'add' as operation,
        cast(1 as bigint) as record_number,
        members.email_sha256,
        members.phone_sha256,
        members.first_name_sha256,
        members.last_name_sha256,
        members.country,
        members.postal_code
    from audience_members as members
    inner join to_add
        on
            members.destination_key = to_add.destination_key
            and members.segment_id = to_add.segment_id
            and members.customer_id = to_add.customer_id
    union all
    select
        destination_key,
        segment_id,
        customer_id,
        'remove' as operation,
        record_number,
        max(case when identifier_type = 'email' then identifier_value end) as email_sha256,
        max(case when identifier_type = 'phone' then identifier_value end) as phone_sha256,
        null as first_name_sha256,
        null as last_name_sha256,
        null as country,
        null as postal_code
    from to_remove
    group by destination_key, segment_id, customer_id, record_number
),

hashed as (
    select
        *,
        {{ dbt.hash(
            "concat_ws('|', operation, customer_id, record_number, coalesce(email_sha256, ''),"
            ~ " coalesce(phone_sha256, ''), coalesce(first_name_sha256, ''),"
            ~ " coalesce(last_name_sha256, ''), coalesce(country, ''), coalesce(postal_code, ''))"
        ) }} as row_hash
    from changes
),

summed as (
    -- In whatever order the rows come.
    select
        destination_key,
        segment_id,
        count(*) as batch_row_count,
        cast(sum({{ hex_to_integer('substr(row_hash, 1, 8)') }}) as bigint) as first_sum,
        cast(sum({{ hex_to_integer('substr(row_hash, 9, 8)') }}) as bigint) as second_sum
    from hashed
    group by destination_key, segment_id
),

contents as (
    select
        destination_key,
        segment_id,
        batch_row_count,
        concat_ws(
            '|',
            destination_key,
            segment_id,
            cast({{ as_of() }} as date),
            batch_row_count,
            first_sum,
            second_sum
        ) as content
    from summed
),

named as (
    -- The same changes of the same day, still without a confirmation, are the batch that they were.
    select
        contents.destination_key,
        contents.segment_id,
        contents.batch_row_count,
        contents.content,
        case
            when
                newest.status <> 'confirmed'
                and newest.batch_id = {{ batch_key('contents.content', 'newest.follows_batch_id') }}
                then newest.follows_batch_id
            else newest.batch_id
        end as follows_batch_id
    from contents
    left join batches as newest
        on
            contents.destination_key = newest.destination_key
            and contents.segment_id = newest.segment_id
            and newest.is_newest
),

final as (
    select
        {{ batch_key('named.content', 'named.follows_batch_id') }} as batch_id,
        named.follows_batch_id,
        named.batch_row_count,
        hashed.destination_key,
        hashed.segment_id,
        hashed.customer_id,
        hashed.operation,
        hashed.record_number,
        hashed.email_sha256,
        hashed.phone_sha256,
        hashed.first_name_sha256,
        hashed.last_name_sha256,
        hashed.country,
        hashed.postal_code,
        {{ as_of() }} as as_of
    from hashed
    inner join named
        on
            hashed.destination_key = named.destination_key
            and hashed.segment_id = named.segment_id
    cross join newest_day
    -- A past day that is built again sends nothing: the destination is further.
    where coalesce(newest_day.as_of <= {{ as_of() }}, true)
)

select * from final
