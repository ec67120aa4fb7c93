{%- macro no_ratio_reason(ci_low, ci_high) -%}
{#- Why nothing is put over incremental_conversions, as text; null where it may be. By Fieller: an interval that holds zero
    leaves ratios without end on both sides. -#}
    case
            when {{ ci_high }} < 0 then 'the treatment lost conversions'
            when {{ ci_low }} <= 0
                then
                    'the interval of incremental_conversions holds zero, so that any ratio to it is'
                    || ' possible'
        end
{%- endmacro -%}
