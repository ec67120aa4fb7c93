{%- macro logistic_step(observed, line) -%}
{#- One step of Newton's method towards the line `intercept + slope * raw_score` that gives the log odds of the observed
    positives with the greatest likelihood. Both are names of CTEs with scorecard_key and purpose; `observed` has raw_score,
    customer_count and positive_count, `line` intercept and slope. Where nothing tells scores apart, the line stays. -#}
    select
        scorecard_key,
        purpose,
        intercept
        + coalesce((h_xx * g - h_x * g_x) / nullif(h * h_xx - h_x * h_x, 0), 0) as intercept,
        slope + coalesce((h * g_x - h_x * g) / nullif(h * h_xx - h_x * h_x, 0), 0) as slope
    from (
        select
            scorecard_key,
            purpose,
            intercept,
            slope,
            {{ stable_sum('positive_count - expected_count') }} as g,
            {{ stable_sum('(positive_count - expected_count) * raw_score') }} as g_x,
            {{ stable_sum('expected_count * (1 - probability)') }} as h,
            {{ stable_sum('expected_count * (1 - probability) * raw_score') }} as h_x,
            {{ stable_sum('expected_count * (1 - probability) * raw_score * raw_score') }} as h_xx
        from (
            select
                *,
                customer_count * probability as expected_count
            from (
                select
                    {{ observed }}.*,
                    {{ line }}.intercept,
                    {{ line }}.slope,
                    {{ logistic(line ~ '.intercept + ' ~ line ~ '.slope * ' ~ observed ~ '.raw_score') }}
                        as probability
                from {{ observed }}
                inner join {{ line }}
                    on
                        {{ observed }}.scorecard_key = {{ line }}.scorecard_key
                        and {{ observed }}.purpose = {{ line }}.purpose
            ) as placed
        ) as expected
        group by scorecard_key, purpose, intercept, slope
    ) as sums
{%- endmacro -%}

{%- macro logistic(log_odds) -%}
{#- The probability of log odds; beyond 30 it is as good as certain, and exp() need not overflow. -#}
    1 / (1 + exp(-greatest(-30e0, least(30e0, {{ log_odds }}))))
{%- endmacro -%}
