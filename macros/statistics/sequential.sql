{#-
The always-valid interval of a difference of means. docs/methods.md, "Sequential". Arguments are SQL.
-#}


{%- macro sequential_spread(units, alpha) -%}
{#- N rho^2 of so many units in both arms: the interval is narrowest, beside the fixed one, about at the planned number. -#}
({{ units }}) * (-2 * ln({{ alpha }}) + ln(1 - 2 * ln({{ alpha }})))
        / cast({{ var('sequential_planned_units') }} as double)
{%- endmacro -%}


{%- macro sequential_reach(spread, alpha) -%}
{#- How many standard errors the interval reaches to each side. -#}
sqrt(2 * ({{ spread }} + 1) * ln(sqrt({{ spread }} + 1) / {{ alpha }}) / {{ spread }})
{%- endmacro -%}


{%- macro sequential_p_value(spread, t) -%}
{#- The smallest alpha at which the interval would leave zero out. -#}
least(
            1,
            sqrt({{ spread }} + 1)
            * exp(-{{ t }} * {{ t }} * {{ spread }} / (2 * ({{ spread }} + 1)))
        )
{%- endmacro -%}
