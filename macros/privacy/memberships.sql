{#- How the history of memberships (int_segment_membership_changes) loses rows about people. -#}

{%- macro forget_erased_members(erased_customers) -%}
{#- Before the history takes new rows: those of erased customers leave it. -#}
    {%- if execute and load_relation(this) -%}
    {%- set of_erased -%}
        {{ tombstone("'customer_id:' || customer_id") }} in (select tombstone from {{ erased_customers }})
    {%- endset -%}
    {{ run_in_turn(statements_that_delete(this, of_erased)) }}
    {%- endif -%}
{%- endmacro -%}

{%- macro forget_ended_memberships() -%}
{#- After the history took new rows: memberships leave it that ended more than segment_history_days before the newest
    observed day. The newest, and not the one that this run describes: then the days may come in any order. A membership
    that goes on keeps its beginning. -#}
    {%- if execute and var('segment_history_days') -%}
    {%- set newest = '(select cast(max(observed_on) as timestamp) from ' ~ this ~ ')' -%}
    {%- set held_from = 'cast(' ~ dbt.dateadd('day', -var('segment_history_days'), newest) ~ ' as date)' -%}
    {%- set has_ended -%}
        customer_id is not null
        and observed_on < {{ held_from }}
        and not exists (
            select 1
            from (
                select
                    changes.segment_id as held_segment_id,
                    changes.customer_id as held_customer_id,
                    max(changes.observed_on) as held_on,
                    max_by(changes.change_type, changes.observed_on) as held_change
                from (
                    select
                        segment_id,
                        customer_id,
                        observed_on,
                        max_by(change_type, run_number) as change_type
                    from {{ this }}
                    where customer_id is not null and observed_on < {{ held_from }}
                    group by segment_id, customer_id, observed_on
                ) as changes
                where changes.change_type <> 'withdrawn'
                group by changes.segment_id, changes.customer_id
            ) as held
            where
                held.held_change = 'entered'
                and held.held_segment_id = segment_id
                and held.held_customer_id = customer_id
                and held.held_on <= observed_on
        )
    {%- endset -%}
    {{ run_in_turn(statements_that_delete(this, has_ended)) }}
    {%- endif -%}
{%- endmacro -%}
