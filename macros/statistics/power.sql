{#-
What an experiment can show, before it has shown anything: docs/methods.md, "Power". Arguments are SQL. Normal
quantiles, as sample sizes are planned everywhere; null where a figure has no meaning.
-#}


{%- macro power_quantiles(alpha, power) -%}
{#- How many standard errors an effect must measure to be found with this power at a two-sided error
    rate of alpha. -#}
({{ normal_quantile('1 - (' ~ alpha ~ ') / 2') }} + {{ normal_quantile(power) }})
{%- endmacro -%}


{%- macro minimum_detectable_effect(
    quantiles, standard_deviation, control_units, treatment_units, correlation=0, variance_slope='null'
) -%}
{#- The least difference of two means that is found: d = (z_{1-alpha/2} + z_power) sqrt(1 - rho^2)
    sqrt(sigma^2 / n_c + (sigma^2 + slope d - d^2) / n_t). In the unit of the metric; null without a unit in each arm, or
    where nothing varies. Without a slope both arms vary alike. A rate p has the slope 1 - 2p: its variance grows with it,
    and a large lift of a rare event takes more units than the present spread says. -#}
{%- set spread = quantiles ~ ' * ' ~ unexplained_share(correlation) -%}
{%- set of_treatment = 'power(' ~ spread ~ ', 2) / (' ~ treatment_units ~ ')' -%}
{%- set rise = of_treatment ~ ' * coalesce(' ~ variance_slope ~ ', 0e0) / 2' -%}
{%- set curb = '(1e0 + case when (' ~ variance_slope ~ ') is null then 0e0 else ' ~ of_treatment ~ ' end)' -%}
case
    when {{ control_units }} >= 1 and {{ treatment_units }} >= 1 and {{ standard_deviation }} > 0
    then (
        {{ rise }}
        + sqrt(
            power({{ rise }}, 2)
            + {{ curb }} * power({{ spread }} * ({{ standard_deviation }}), 2)
            * (1e0 / ({{ treatment_units }}) + 1e0 / ({{ control_units }}))
        )
    ) / {{ curb }}
end
{%- endmacro -%}


{%- macro units_needed(
    quantiles, standard_deviation, effect, control_share, treatment_share, correlation=0, variance_slope='null'
) -%}
{#- How many units the whole experiment needs, so that two arms with these shares of them show the effect
    (absolute, in the unit of the metric, of either sign). The slope as above, for a rise. -#}
{%- set added = 'coalesce((' ~ variance_slope ~ ') * abs(' ~ effect ~ ') - power(' ~ effect ~ ', 2), 0e0)' -%}
case
    when abs({{ effect }}) > 0 and {{ standard_deviation }} > 0
        and {{ control_share }} > 0 and {{ treatment_share }} > 0
    then cast(least(ceil(
        power({{ quantiles }} / ({{ effect }}) * {{ unexplained_share(correlation) }}, 2)
        * (
            power({{ standard_deviation }}, 2) / ({{ control_share }})
            + greatest(power({{ standard_deviation }}, 2) + {{ added }}, 0e0) / ({{ treatment_share }})
        )
    ), 9e15) as bigint)
end
{%- endmacro -%}


{%- macro unexplained_share(correlation) -%}
{#- What the covariate leaves of a standard deviation; all of it where the correlation is null. -#}
sqrt(1e0 - coalesce({{ correlation }}, 0) * coalesce({{ correlation }}, 0))
{%- endmacro -%}
