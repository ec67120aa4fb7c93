{#-
Do several effects differ by more than chance? docs/methods.md, "Pooled segments". Arguments are SQL.
-#}


{%- macro heterogeneity_p_value(q, df) -%}
{#- P(X >= q) of chi-squared for Cochran's Q, for any whole df from 1: exact to 50, and beyond by Wilson
    and Hilferty's cube root, off by less than 0.0003 there. `q` and `df` are column names. -#}
case
    when {{ df }} <= 50 then {{ chi_squared_upper_tail(q, df) }}
    when {{ q }} >= 0
        then {{ normal_upper_tail(
            '(power(' ~ q ~ ' / ' ~ df ~ ', 1 / 3e0) - 1 + 2 / (9e0 * ' ~ df ~ ')) / sqrt(2 / (9e0 * ' ~ df ~ '))'
        ) }}
end
{%- endmacro -%}
