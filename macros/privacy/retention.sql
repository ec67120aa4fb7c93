{%- macro forget_expired_days(events, source_table, day_column, moment=none, sighted=[]) -%}
{#- Once as_of is known: the days of a table made by day leave it that are past the retention of its source. Their memory
    stays, without rows, and with another version, so that whatever is made of them loses them too. The undated day
    stays: of its rows nothing is held but why they are refused (is_ageless).

    Of accepted rows that show the identifiers `sighted` together stays that they did, once a day and set of them, at the
    first `moment` of the day: stg_privacy__past_sightings. -#}
    {%- set days_kept = var('retention_days').get(source_table, 0) -%}
    {%- set held_from = dbt.dateadd('day', -days_kept, as_of()) -%}
    {%- if execute and days_kept -%}
    {%- set days = days_of(events) -%}
    {%- set is_expired = day_column ~ ' < ' ~ held_from ~ ' and ' ~ day_column ~ ' <> ' ~ undated_day()
        ~ " and coalesce(removal_reason, '') <> 'past_retention'" -%}
    {%- set statements = [] -%}
    {%- if sighted -%}
        {%- set values = [] -%}
        {%- for column in adapter.get_columns_in_relation(events) -%}
            {%- do values.append({
                day_column: day_column, moment: 'min(' ~ moment ~ ')', 'removal_reason': "'past_retention'",
            }.get(column.name, column.name if column.name in sighted else 'null')) -%}
        {%- endfor -%}
        {%- do statements.append(
            'insert into ' ~ events ~ ' select ' ~ values | join(', ') ~ ' from ' ~ events ~ ' where ' ~ is_expired
            ~ ' and reject_reason is null and ' ~ sighted | join(' is not null and ') ~ ' is not null group by '
            ~ day_column ~ ', ' ~ sighted | join(', ')
        ) -%}
    {%- endif -%}
    {%- set forgets = 'day < ' ~ held_from ~ ' and day <> ' ~ undated_day() ~ " and version <> 'expired'" -%}
    {%- set remember -%}
        insert into {{ days }}
        select day, 'expired', source_version, source_rows, 0, arrived_at, made_of, checked_at
        from {{ days }}
        where {{ forgets }}
    {%- endset -%}
    {%- do statements.extend(
        statements_that_delete(events, is_expired) + [remember] + statements_that_delete(days, forgets)
    ) -%}
    {{ run_in_turn(statements) }}
    {%- endif -%}
{%- endmacro -%}
