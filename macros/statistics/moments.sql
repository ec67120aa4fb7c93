{#-
Means, variances and covariances from centred sums, and of two arms together. Arguments are SQL.
-#}


{%- macro covariance_from_sums(product_sum, left_sum, right_sum, n, scale) -%}
{#- Sample covariance (of a variable with itself: its variance) from sums of deviations that were
    taken in units of a range; `scale` is the product of the two ranges, 0 for what does not vary.
    Null with fewer than two units. -#}
{{ scale }} * ({{ product_sum }} - {{ left_sum }} * {{ right_sum }} / nullif({{ n }}, 0))
        / nullif({{ n }} - 1, 0)
{%- endmacro -%}


{%- macro scale_of(variable) -%}
{#- In which unit the deviations of a variable were taken, over cells with the columns <variable>_lowest, _highest and
    _range: 0 where all units have one value, null without a unit. -#}
case
            when min(cells.{{ variable }}_lowest) < max(cells.{{ variable }}_highest)
                then max(cells.{{ variable }}_range)
            when min(cells.{{ variable }}_lowest) = max(cells.{{ variable }}_highest) then 0
        end
{%- endmacro -%}


{%- macro covariance_of_both(left, right, covariance) -%}
{#- Sample covariance over the units of both arms together, from the columns <left>_mean_c, _t,
    <right>_mean_c, _t and <covariance>_c, _t of the arms, and n_c, n_t. -#}
(
            (n_c - 1) * {{ covariance }}_c + (n_t - 1) * {{ covariance }}_t
            + n_c * cast(n_t as double) / nullif(n_c + n_t, 0)
            * ({{ left }}_mean_t - {{ left }}_mean_c) * ({{ right }}_mean_t - {{ right }}_mean_c)
        ) / nullif(n_c + n_t - 1, 0)
{%- endmacro -%}


{%- macro mean_of_both(variable) -%}
{#- Mean over the units of both arms together. -#}
(n_c * {{ variable }}_mean_c + n_t * {{ variable }}_mean_t) / nullif(n_c + n_t, 0)
{%- endmacro -%}


{%- macro variance_left(variance, covariance, other_variance, slope) -%}
{#- Variance of y - slope * x. Where nothing is left but rounding it is 0; null where one of its parts is. -#}
case
            when {{ variance }} + {{ slope }} * {{ slope }} * {{ other_variance }}
                - 2 * {{ slope }} * {{ covariance }} > 1e-13 * {{ variance }}
                then {{ variance }} + {{ slope }} * {{ slope }} * {{ other_variance }}
                    - 2 * {{ slope }} * {{ covariance }}
            when {{ variance }} >= 0 and {{ slope }} * {{ covariance }} * {{ other_variance }} is not null
                then 0
        end
{%- endmacro -%}


{%- macro linearised_covariance(arm) -%}
{#- Covariance of the two linearised ratios, outcome over denominator and covariate over its
    denominator, in the arm with the suffix `arm`: _c, _t, or _both for both together. -#}
(
            outcome_covariate_covariance{{ arm }}
            - covariate_ratio{{ arm }} * outcome_covariate_denominator_covariance{{ arm }}
            - outcome_ratio{{ arm }} * denominator_covariate_covariance{{ arm }}
            + outcome_ratio{{ arm }} * covariate_ratio{{ arm }}
            * denominator_covariate_denominator_covariance{{ arm }}
        ) / nullif(denominator_mean{{ arm }} * covariate_denominator_mean{{ arm }}, 0)
{%- endmacro -%}


{%- macro linearised_variance(top, bottom, ratio, covariance, arm) -%}
{#- Variance of the linearised ratio top over bottom, as above. -#}
{{ variance_left(top ~ '_variance' ~ arm, covariance ~ arm, bottom ~ '_variance' ~ arm, ratio ~ arm) }}
        / nullif({{ bottom }}_mean{{ arm }} * {{ bottom }}_mean{{ arm }}, 0)
{%- endmacro -%}
