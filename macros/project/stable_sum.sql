{%- macro stable_sum(expression, over=none) -%}
{#- The sum of doubles, the same to the last digit in whatever order the engine adds them: a sum of doubles is not, and
    a last digit decides between equal ranks and at a threshold. Counted in units of 1e-12; staging refuses amounts
    that are too large for it. Null where there is nothing to add. `over`: the window, for a sum over one. -#}
    cast(sum(cast({{ expression }} as decimal(38, 12)))
    {%- if over %} over ({{ over }}){% endif %} as double)
{%- endmacro -%}

{%- macro deviation_sum(expression, over=none) -%}
{#- The same of deviations, or of their products, that lie between -1 and 1: with 26 digits behind the point, and as the
    decimal that it is. -#}
    sum(cast({{ expression }} as decimal(38, 26))){% if over %} over ({{ over }}){% endif %}
{%- endmacro -%}

{%- macro linearised_ratio(value, divisor, value_sum, divisor_sum, unit_count) -%}
{#- (y - R d) / mean(d) of one unit, R being the ratio of the sums: its mean is 0, and its variance that of R by the delta
    method. Of a mean per unit, where d is 1, it is the deviation. -#}
    ({{ value }} - {{ value_sum }} / {{ divisor_sum }} * {{ divisor }}) * {{ unit_count }} / {{ divisor_sum }}
{%- endmacro -%}
