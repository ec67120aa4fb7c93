{#-
Comparison of two arms from their sufficient statistics: number of units, mean and sample variance.
docs/methods.md has the formulas. Null where an arm has fewer than two units or both variances are
zero: no figure is better than a wrong one. Arguments are SQL.
-#}


{%- macro welch_standard_error(var_t, n_t, var_c, n_c) -%}
case
    when {{ n_t }} >= 2 and {{ n_c }} >= 2 and ({{ var_t }} > 0 or {{ var_c }} > 0)
    then sqrt(({{ var_t }}) / ({{ n_t }}) + ({{ var_c }}) / ({{ n_c }}))
end
{%- endmacro -%}


{%- macro welch_degrees_of_freedom(var_t, n_t, var_c, n_c) -%}
{#- Satterthwaite. Only the ratio of the variances counts, and it is taken as a share so that no
    square under- or overflows. -#}
{%- set square_t = '(' ~ var_t ~ ') / (' ~ n_t ~ ')' -%}
{%- set square_c = '(' ~ var_c ~ ') / (' ~ n_c ~ ')' -%}
{%- set share_t = '(' ~ square_t ~ ' / (' ~ square_t ~ ' + ' ~ square_c ~ '))' -%}
case
    when {{ n_t }} >= 2 and {{ n_c }} >= 2 and ({{ var_t }} > 0 or {{ var_c }} > 0)
    then 1 / (
        {{ share_t }} * {{ share_t }} / (({{ n_t }}) - 1)
        + (1 - {{ share_t }}) * (1 - {{ share_t }}) / (({{ n_c }}) - 1)
    )
end
{%- endmacro -%}


{%- macro satterthwaite(variance_t, df_t, variance_c, df_c) -%}
{#- Degrees of freedom of the sum of two independent estimates of a variance, which have theirs.
    Taken by shares, as above. -#}
{%- set share_t = '(' ~ variance_t ~ ' / (' ~ variance_t ~ ' + ' ~ variance_c ~ '))' -%}
1 / (
                {{ share_t }} * {{ share_t }} / {{ df_t }}
                + (1 - {{ share_t }}) * (1 - {{ share_t }}) / {{ df_c }}
            )
{%- endmacro -%}


{%- macro two_sided_p_value(t, df) -%}
{#- How often a t statistic at least this far from zero turns up where nothing differs. -#}
2 * {{ student_t_upper_tail('abs(' ~ t ~ ')', df) }}
{%- endmacro -%}


{%- macro log_ratio_variance(mean, var) -%}
{#- The variance of ln(mean) for one unit by the delta method: what welch_standard_error and
    welch_degrees_of_freedom take in place of a variance to judge a relative lift. Null unless the
    mean is positive. -#}
case when {{ mean }} > 0 then ({{ var }}) / (({{ mean }}) * ({{ mean }})) end
{%- endmacro -%}


{%- macro relative_lift(mean_t, mean_c) -%}
case when {{ mean_t }} > 0 and {{ mean_c }} > 0 then ({{ mean_t }}) / ({{ mean_c }}) - 1 end
{%- endmacro -%}


{%- macro relative_lift_bound(mean_t, mean_c, log_standard_error, quantile) -%}
{#- One end of the interval of the relative lift: quantile negative for the lower, positive for the
    upper. Null where a mean is so near zero that the end would be beyond every number. -#}
case
    when {{ mean_t }} > 0 and {{ mean_c }} > 0
        and abs(({{ quantile }}) * ({{ log_standard_error }})) < 600
    then ({{ mean_t }}) / ({{ mean_c }}) * exp(({{ quantile }}) * ({{ log_standard_error }})) - 1
end
{%- endmacro -%}


{%- macro empty_arm_reason(n_c, n_t) -%}
{#- Why two arms cannot be compared, the same words wherever they are: no unit in one. Null where there are some. -#}
case
    when {{ n_c }} = 0 then 'control has no unit to analyse'
    when {{ n_t }} = 0 then 'the arm has no unit to analyse'
end
{%- endmacro -%}


{%- macro small_arm_reason(n_c, n_t) -%}
{#- The next reason, for whatever needs a variance in each arm. Null where there are two units in each. -#}
case when {{ n_c }} < 2 or {{ n_t }} < 2 then 'an arm has fewer than two units' end
{%- endmacro -%}
