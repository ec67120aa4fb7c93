{#-
What an experiment can show, before it has shown anything: docs/methods.md, "Power". Arguments are SQL. Normal
quantiles, as sample sizes are planned everywhere; null where a figure has no meaning.
-#}


{%- macro power_quantiles(alpha, power) -%}
{#- How many standard errors an effect must measure to be found with this power at a two-sided error
    rate of alpha. -#}
({{ normal_quantile('1 - (' ~ alpha ~ ') / 2') }} + {{ normal_quantile(power) }})
{%- endmacro -%}


{%- macro minimum_detectable_effect(quantiles, standard_deviation, control_units, treatment_units, correlation=0) -%}
{#- The least difference of two means that is found: (z_{1-alpha/2} + z_power) sigma sqrt(1/n_t + 1/n_c)
    sqrt(1 - rho^2). In the unit of the metric; null without a unit in each arm, or where nothing varies. -#}
case
    when {{ control_units }} >= 1 and {{ treatment_units }} >= 1 and {{ standard_deviation }} > 0
    then {{ quantiles }} * ({{ standard_deviation }})
        * sqrt(1e0 / ({{ treatment_units }}) + 1e0 / ({{ control_units }}))
        * {{ unexplained_share(correlation) }}
end
{%- endmacro -%}


{%- macro units_needed(quantiles, standard_deviation, effect, control_share, treatment_share, correlation=0) -%}
{#- How many units the whole experiment needs, so that two arms with these shares of them show the effect
    (absolute, in the unit of the metric, of either sign). -#}
case
    when abs({{ effect }}) > 0 and {{ standard_deviation }} > 0
        and {{ control_share }} > 0 and {{ treatment_share }} > 0
    then cast(least(ceil(
        power({{ quantiles }} * ({{ standard_deviation }}) / ({{ effect }}) * {{ unexplained_share(correlation) }}, 2)
        * (1e0 / ({{ treatment_share }}) + 1e0 / ({{ control_share }}))
    ), 9e15) as bigint)
end
{%- endmacro -%}


{%- macro unexplained_share(correlation) -%}
{#- What the covariate leaves of a standard deviation; all of it where the correlation is null. -#}
sqrt(1e0 - coalesce({{ correlation }}, 0) * coalesce({{ correlation }}, 0))
{%- endmacro -%}
