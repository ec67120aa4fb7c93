{%- macro metric_value(aggregation, facts) -%}
{#- A unit's value of a metric from its summed facts: any (1 where there is one), count, or sum; 0 where
    there is none. -#}
    case
            when {{ aggregation }} = 'any' and {{ facts }}.fact_count > 0 then cast(1 as double)
            when {{ aggregation }} = 'count' then coalesce({{ facts }}.fact_count, 0)
            when {{ aggregation }} = 'sum' then coalesce({{ facts }}.fact_value, 0)
            else cast(0 as double)
        end
{%- endmacro -%}
