{#- What a creative says to one customer. Its texts may name the slots {top_category}, {last_viewed_product} and
    {open_cart_value}. -#}

{%- macro filled(text, slots) -%}
{#- The text with the slots of the relation in their places; null where one that it names is empty. -#}
    replace(
            replace(
                replace(
                    {{ text }},
                    '{top_category}',
                    case when {{ text }} like '%{top_category}%' then {{ slots }}.top_category else '' end
                ),
                '{last_viewed_product}',
                case when {{ text }} like '%{last_viewed_product}%' then {{ slots }}.last_viewed_product else '' end
            ),
            '{open_cart_value}',
            case
                when {{ text }} like '%{open_cart_value}%'
                    then cast(cast({{ slots }}.open_cart_amount as decimal(18, 2)) as {{ dbt.type_string() }})
                        || ' {{ var("reporting_currency") }}'
                else ''
            end
        )
{%- endmacro -%}

{%- macro lacks_slot(creative, slots) -%}
{#- Whether the creative names a slot that is empty for the customer. -#}
    (
                ({{ creative }}.headline is not null and {{ filled(creative ~ '.headline', slots) }} is null)
                or (
                    {{ creative }}.call_to_action is not null
                    and {{ filled(creative ~ '.call_to_action', slots) }} is null
                )
            )
{%- endmacro -%}

{%- macro is_quiet(hour, quiet) -%}
{#- Whether an hour lies in the quiet ones, [from, to), which may go over midnight. -#}
    case
                    when {{ quiet }}.quiet_from_hour <= {{ quiet }}.quiet_to_hour
                        then {{ hour }} >= {{ quiet }}.quiet_from_hour and {{ hour }} < {{ quiet }}.quiet_to_hour
                    else {{ hour }} >= {{ quiet }}.quiet_from_hour or {{ hour }} < {{ quiet }}.quiet_to_hour
                end
{%- endmacro -%}
