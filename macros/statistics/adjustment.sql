{#-
Several comparisons at once. docs/methods.md, "Difference of means".
-#}


{%- macro benjamini_hochberg(partition) -%}
{#- p after Benjamini and Hochberg over the rows of a partition; null where `p_value` is. The rows have `p_value`, its rank from
    the smallest on as `p_value_rank`, and in `comparison_count` how many of the partition have one. The factor is taken first:
    it is 1 or more, so that no rounding brings a p-value below what it was. -#}
case
    when p_value is not null
        then
            least(
                min(p_value * (1e0 * comparison_count / p_value_rank)) over (
                    partition by {{ partition }}
                    order by p_value_rank desc
                    rows between unbounded preceding and current row
                ),
                1
            )
end
{%- endmacro -%}
