{%- macro forget_expired_days(events, source_table, day_column) -%}
{#- Once as_of is known: the days of a table made by day leave it that are past the retention of its source. Their memory
    stays, without rows, and with another version, so that whatever is made of them loses them too. The undated day
    stays: its rows are refused ones, which are told of. -#}
    {%- set days_kept = var('retention_days').get(source_table, 0) -%}
    {%- set held_from = dbt.dateadd('day', -days_kept, as_of()) -%}
    {%- if execute and days_kept -%}
    {%- set days = days_of(events) -%}
    {%- set is_expired = day_column ~ ' < ' ~ held_from ~ ' and ' ~ day_column ~ ' <> ' ~ undated_day() -%}
    {%- set forgets = 'day < ' ~ held_from ~ ' and day <> ' ~ undated_day() ~ " and version <> 'expired'" -%}
    {%- set remember -%}
        insert into {{ days }}
        select day, 'expired', source_version, source_rows, 0, arrived_at, made_of, checked_at
        from {{ days }}
        where {{ forgets }}
    {%- endset -%}
    {{ run_in_turn(statements_that_delete(events, is_expired) + [remember] + statements_that_delete(days, forgets)) }}
    {%- endif -%}
{%- endmacro -%}
