{#-
Distribution functions as plain SQL expressions: exp, ln, sqrt, power, abs and arithmetic, in double
precision.

Arguments are SQL. A column name is repeated as it stands, anything else is cast to double first. A
tail repeats its arguments up to a hundred and fifty times, so name a long expression in an earlier
CTE and pass the name. Out of range in (null, not finite, probability outside 0 to 1, fewer than 1
degree of freedom): null out. docs/methods.md derives the formulas and lists the measured errors.
-#}


{%- macro normal_upper_tail(x) -%}
{#- P(Z > x), accurate relative to itself: a p-value of 1e-300 has its digits. -#}
{%- set x = statistics_operand(x) -%}
case
    when abs({{ x }}) <= 1e100 then
        {{ reflected_tail(x, normal_tail('abs(' ~ x ~ ')', x ~ ' * ' ~ x)) }}
end
{%- endmacro -%}


{%- macro normal_cdf(x) -%}
{#- P(Z <= x). -#}
{{ normal_upper_tail('-' ~ statistics_operand(x)) }}
{%- endmacro -%}


{%- macro normal_quantile(p) -%}
{#- The x with P(Z <= x) = p. Wichura (1988), algorithm AS 241, routine PPND16; the constants are
    his. -#}
{%- set p = statistics_operand(p) -%}
{%- set centre = '(0.180625e0 - (' ~ p ~ ' - 0.5e0) * (' ~ p ~ ' - 0.5e0))' -%}
{%- set tail = 'sqrt(-ln(least(' ~ p ~ ', 1 - ' ~ p ~ ')))' -%}
{%- set side = 'case when ' ~ p ~ ' < 0.5e0 then -1 else 1 end' -%}
case
    when not ({{ p }} > 0 and {{ p }} < 1) then null
    when abs({{ p }} - 0.5e0) <= 0.425e0 then
        ({{ p }} - 0.5e0)
        * ({{ polynomial(centre, [
            '3.3871328727963666080e0', '1.3314166789178437745e2', '1.9715909503065514427e3',
            '1.3731693765509461125e4', '4.5921953931549871457e4', '6.7265770927008700853e4',
            '3.3430575583588128105e4', '2.5090809287301226727e3']) }})
        / ({{ polynomial(centre, [
            '1e0', '4.2313330701600911252e1', '6.8718700749205790830e2',
            '5.3941960214247511077e3', '2.1213794301586595867e4', '3.9307895800092710610e4',
            '2.8729085735721942674e4', '5.2264952788528545610e3']) }})
    when {{ tail }} <= 5 then
        {{ side }}
        * ({{ polynomial('(' ~ tail ~ ' - 1.6e0)', [
            '1.42343711074968357734e0', '4.63033784615654529590e0', '5.76949722146069140550e0',
            '3.64784832476320460504e0', '1.27045825245236838258e0', '2.41780725177450611770e-1',
            '2.27238449892691845833e-2', '7.74545014278341407640e-4']) }})
        / ({{ polynomial('(' ~ tail ~ ' - 1.6e0)', [
            '1e0', '2.05319162663775882187e0', '1.67638483018380384940e0',
            '6.89767334985100004550e-1', '1.48103976427480074590e-1', '1.51986665636164571966e-2',
            '5.47593808499534494600e-4', '1.05075007164441684324e-9']) }})
    else
        {{ side }}
        * ({{ polynomial('(' ~ tail ~ ' - 5)', [
            '6.65790464350110377720e0', '5.46378491116411436990e0', '1.78482653991729133580e0',
            '2.96560571828504891230e-1', '2.65321895265761230930e-2', '1.24266094738807843860e-3',
            '2.71155556874348757815e-5', '2.01033439929228813265e-7']) }})
        / ({{ polynomial('(' ~ tail ~ ' - 5)', [
            '1e0', '5.99832206555887937690e-1', '1.36929880922735805310e-1',
            '1.48753612908506148525e-2', '7.86869131145613259100e-4', '1.84631831751005468180e-5',
            '1.42151175831644588870e-7', '2.04426310338993978564e-15']) }})
end
{%- endmacro -%}


{%- macro student_t_upper_tail(t, df) -%}
{#- P(T > t) for real df from 1 to 1e15, accurate relative to itself. Twice the tail of abs(t) is a
    two-sided p-value. -#}
{%- set t = statistics_operand(t) -%}
{%- set df = statistics_operand(df) -%}
case
    when abs({{ t }}) <= 1e100 and {{ df }} >= 1 and {{ df }} <= 1e15 then
        {{ reflected_tail(t, student_t_tail('abs(' ~ t ~ ')', t ~ ' * ' ~ t, df)) }}
end
{%- endmacro -%}


{%- macro student_t_cdf(t, df) -%}
{#- P(T <= t). -#}
{{ student_t_upper_tail('-' ~ statistics_operand(t), df) }}
{%- endmacro -%}


{%- macro student_t_density(t, df) -%}
{%- set t = statistics_operand(t) -%}
{%- set df = statistics_operand(df) -%}
{#- The constant is Gamma(df/2 + 1/2) / Gamma(df/2) / sqrt(pi df): the ratio four steps up by its
    asymptotic series, then down by its recurrence. -#}
case
    when abs({{ t }}) <= 1e100 and {{ df }} >= 1 and {{ df }} <= 1e15 then
        sqrt(({{ df }} / 2 + 3.75e0) / (3.141592653589793e0 * {{ df }}))
        * ({{ polynomial('(1e0 / (' ~ df ~ ' / 2 + 3.75e0) / (' ~ df ~ ' / 2 + 3.75e0))', [
            '1', '(1 / 64e0)', '(-19 / 8192e0)', '(631 / 524288e0)', '(-174317 / 134217728e0)']) }})
        * ({{ df }} / ({{ df }} + 1e0)) * (({{ df }} + 2) / ({{ df }} + 3e0))
        * (({{ df }} + 4) / ({{ df }} + 5e0)) * (({{ df }} + 6) / ({{ df }} + 7e0))
        * exp(-({{ df }} + 1) / 2e0 * {{ log_one_plus_ratio(t ~ ' * ' ~ t, df) }})
end
{%- endmacro -%}


{%- macro student_t_quantile(p, df) -%}
{#- The t with P(T <= t) = p. Hill's (1970) algorithm 396 starts it, below 2 degrees of freedom the
    geometric mean of the closed forms for 1 and 2; one step of third order with the exact tail ends
    it. A scalar subquery over no table, because each stage uses the one before many times; on Spark
    it needs the setting that docs/methods.md names. -#}
(
    select
        quantile_side * (
            quantile_start + quantile_step
            + quantile_step * quantile_step / 2 * quantile_weight * quantile_start
            + quantile_step * quantile_step * quantile_step / 6 * quantile_weight * (
                1 + 2 * quantile_weight * quantile_start * quantile_start
                * quantile_df / (quantile_df + 1)
            )
        )
    from (
        select
            quantile_side,
            quantile_df,
            quantile_start,
            (quantile_df + 1) / (quantile_df + quantile_start * quantile_start) as quantile_weight,
            (
                {{ student_t_upper_tail('quantile_start', 'quantile_df') }}
                - quantile_tail
            )
            / {{ student_t_density('quantile_start', 'quantile_df') }} as quantile_step
        from (
            select
                quantile_side,
                quantile_df,
                quantile_tail,
                case
                    when quantile_df < 2 then
                        power(1 / tan(3.141592653589793e0 * quantile_tail), 2 / quantile_df - 1)
                        * power(
                            (1 - 2 * quantile_tail)
                            / sqrt(2 * quantile_tail * (1 - quantile_tail)),
                            2 - 2 / quantile_df
                        )
                    when power(hill_x, 2 / quantile_df) > 0.05e0 + hill_a then
                        sqrt(quantile_df * (exp(hill_a * power(
                            normal_deviate * (
                                1
                                + (
                                    ({{ polynomial('(normal_deviate * normal_deviate)', [
                                        '94.5e0', '36e0', '6.3e0', '0.4e0']) }})
                                    / (
                                        ({{ polynomial('normal_deviate', [
                                            'hill_b + hill_c',
                                            '(-2)', '(-7)', '(-5)', '0.05e0 * hill_d']) }})
                                        + case
                                            when quantile_df < 5 then
                                                0.3e0 * (quantile_df - 4.5e0)
                                                * (normal_deviate + 0.6e0)
                                            else 0
                                        end
                                    )
                                    - normal_deviate * normal_deviate - 3
                                ) / hill_b
                            ), 2
                        )) - 1))
                    else
                        sqrt(quantile_df * (
                            (
                                power(hill_x, 2 / quantile_df) * (
                                    1 / (
                                        (
                                            (quantile_df + 6)
                                            / (quantile_df * power(hill_x, 2 / quantile_df))
                                            - 0.089e0 * hill_d - 0.822e0
                                        ) * (quantile_df + 2) * 3
                                    )
                                    + 0.5e0 / (quantile_df + 4)
                                )
                                - 1
                            ) * (quantile_df + 1) / (quantile_df + 2)
                            + 1 / power(hill_x, 2 / quantile_df)
                        ))
                end as quantile_start
            from (
                select
                    quantile_side,
                    quantile_df,
                    quantile_tail,
                    normal_deviate,
                    hill_a,
                    hill_b,
                    hill_c,
                    hill_d,
                    2 * quantile_tail * hill_d as hill_x
                from (
                    select
                        quantile_side,
                        quantile_df,
                        quantile_tail,
                        normal_deviate,
                        hill_a,
                        hill_b,
                        hill_c,
                        (1 + (94.5e0 / (hill_b + hill_c) - 3) / hill_b)
                        * sqrt(1.5707963267948966e0 * hill_a) * quantile_df as hill_d
                    from (
                        select
                            quantile_side,
                            quantile_df,
                            quantile_tail,
                            {{ normal_quantile('quantile_tail') }} as normal_deviate,
                            1 / (quantile_df - 0.5e0) as hill_a,
                            48 * (quantile_df - 0.5e0) * (quantile_df - 0.5e0) as hill_b,
                            {{ polynomial('(1 / (quantile_df - 0.5e0))', [
                                '96.36e0', '(-16e0)', '(-98e0)', '0', '0', '431.25e0']) }} as hill_c
                        from (
                            select
                                case when ({{ p }}) < 0.5e0 then -1 else 1 end as quantile_side,
                                cast(
                                    case when ({{ df }}) between 1 and 1e15 then {{ df }} end
                                    as double
                                ) as quantile_df,
                                cast(
                                    case
                                        when ({{ p }}) > 0 and ({{ p }}) < 1
                                        then least({{ p }}, 1 - ({{ p }}))
                                    end
                                    as double
                                ) as quantile_tail
                        ) as arguments
                    ) as hill_terms
                ) as hill_scale
            ) as hill_argument
        ) as started
    ) as stepped
)
{%- endmacro -%}


{%- macro chi_squared_upper_tail(x, df, max_df=50) -%}
{#- P(X > x) for whole df from 1 to max_df, accurate relative to itself; null for other df. Each two
    degrees of freedom up to max_df are one more term of the expression. -#}
{%- set x = statistics_operand(x) -%}
{%- set df = statistics_operand(df) -%}
{#- All terms are positive, so nothing cancels. Odd df starts at the normal tail and runs through
    odd divisors, even df starts at exp(-x/2) and runs through even ones. -#}
{%- set odd = '(' ~ df ~ ' - 2 * floor(' ~ df ~ ' / 2e0))' -%}
{%- set is_valid = df ~ ' between 1 and ' ~ max_df ~ ' and floor(' ~ df ~ ') = ' ~ df -%}
case
    when {{ is_valid }} and {{ x }} > 3000 and {{ x }} <= 1e308 then 0e0
    when {{ is_valid }} and {{ x }} >= 0 and {{ x }} <= 3000 then
        case when {{ odd }} = 1 then 2 * ({{ normal_tail('sqrt(' ~ x ~ ')', x) }}) else 0e0 end
        + exp(-{{ x }} / 2e0)
        * case when {{ odd }} = 1 then sqrt(0.6366197723675814e0 * {{ x }}) else 1e0 end
        * case when {{ df }} >= 2 then 1
        {%- for step in range(4, max_df + 1, 2) %}
        + case
            when {{ df }} >= {{ step }} then {{ x }} / ({{ step - 2 }}e0 + {{ odd }}) * (1
        {%- endfor %}
        {% for step in range(4, max_df + 1, 2) -%}
        ) else 0e0 end
        {%- endfor %} else 0e0 end
end
{%- endmacro -%}


{#- Building blocks. -#}


{%- macro statistics_operand(sql) -%}
{%- set bare = (sql | string).replace('.', '').replace('_', '') -%}
{%- if bare.isalnum() and not bare[0].isdigit() -%}
{{ sql }}
{%- else -%}
cast({{ sql }} as double)
{%- endif -%}
{%- endmacro -%}


{%- macro polynomial(x, coefficients) -%}
{#- Horner's rule, lowest power first. -#}
{{ coefficients | join(' + ' ~ x ~ ' * (') }}{{ ')' * (coefficients | length - 1) }}
{%- endmacro -%}


{%- macro reflected_tail(x, tail_of_magnitude) -%}
{#- The upper tail at x of a symmetric distribution, from the tail at abs(x). -#}
case when {{ x }} < 0 then 1e0 else 0e0 end
        + case when {{ x }} < 0 then -1e0 else 1e0 end * ({{ tail_of_magnitude }})
{%- endmacro -%}


{%- macro tail_nodes() -%}
{#- Midpoint rule of step 1/2 for the tail integrals: squares c and weights exp(-c / 2) of the
    seventeen nodes 1/4, 3/4, ... that double precision can see, as `c:weight c:weight ...`. -#}
{%- for k in range(17) -%}
{%- set square = (2 * k + 1) ** 2 / 16 -%}
{{ square }}e0:{{ '%.16e' | format(2.718281828459045 ** (-square / 2)) }}{{ ' ' if not loop.last }}
{%- endfor -%}
{%- endmacro -%}


{%- macro normal_tail(magnitude, square) -%}
{#- P(Z > magnitude) for magnitude >= 0: the midpoint sum and the residue of the pole inside its
    strip. -#}
exp(-({{ square }}) / 2e0) * 0.15915494309189535e0 * {{ magnitude }} * (
            {% for node in tail_nodes().split(' ') -%}
            {{ '+ ' if not loop.first }}{{ node.split(':')[1] }}
            / ({{ square }} + {{ node.split(':')[0] }})
            {% endfor -%}
        )
        + case
            when {{ magnitude }} < 6 then 1 / (1 + exp(12.566370614359172e0 * {{ magnitude }}))
            else 0e0
        end
{%- endmacro -%}


{%- macro student_t_tail(magnitude, square, df) -%}
{#- P(T > magnitude) for magnitude >= 0 by the same rule. From 2000 degrees of freedom on, series in
    1 / df replace the differences of nearly equal numbers. -#}
{%- set log_term = df ~ ' * ' ~ log_one_plus_ratio(square, df) -%}
exp(-{{ log_term }} / 2e0) * 0.15915494309189535e0
        * {{ magnitude }} * sqrt(1 + {{ square }} / {{ df }})
        * case
            when {{ df }} < 2000 then
            {% for node in tail_nodes().split(' ') -%}
            {%- set c = node.split(':')[0] -%}
            {{ '+ ' if not loop.first }}{{ node.split(':')[1] }}
            * sqrt({{ c }} / ({{ df }} * (exp({{ c }} / {{ df }}) - 1)))
            / ({{ square }} + {{ df }} * (1 - exp(-{{ c }} / {{ df }})))
            {% endfor -%}
            else
            {% for node in tail_nodes().split(' ') -%}
            {%- set c = node.split(':')[0] | float -%}
            {{ '+ ' if not loop.first }}{{ node.split(':')[1] }}
            * (1
            - ({{ '%.6e' | format(c / 4) }} - {{ '%.6e' | format(c ** 2 / 96) }} / {{ df }})
            / {{ df }})
            / ({{ square }} + {{ node.split(':')[0] }}
            - ({{ '%.9e' | format(c ** 2 / 2) }} - {{ '%.6e' | format(c ** 3 / 6) }} / {{ df }})
            / {{ df }})
            {% endfor -%}
        end
        + case
            when {{ log_term }} < 36
            then 1 / (1 + exp(12.566370614359172e0 * sqrt({{ log_term }})))
            else 0e0
        end
{%- endmacro -%}


{%- macro log_one_plus_ratio(numerator, denominator) -%}
{#- ln(1 + numerator / denominator) for a ratio >= 0, with full precision where the ratio is small.
    -#}
{%- set ratio = '(' ~ numerator ~ ' / (2 * ' ~ denominator ~ ' + ' ~ numerator ~ '))' -%}
case
                when {{ numerator }} < 0.01e0 * {{ denominator }}
                then 2 * {{ ratio }}
                * ({{ polynomial('(' ~ ratio ~ ' * ' ~ ratio ~ ')', [
                    '1', '(1 / 3e0)', '(1 / 5e0)', '(1 / 7e0)']) }})
                else ln(1 + {{ numerator }} / {{ denominator }})
            end
{%- endmacro -%}
