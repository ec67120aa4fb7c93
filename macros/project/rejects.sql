{#- Why a row is refused: one predicate a macro, so that thirteen models say it the same way. -#}

{%- macro is_too_old(timestamp) -%}
{#- Before the variable earliest_timestamp: an export of 1970, a clock that failed. -#}
    {{ timestamp }} < cast('{{ var("earliest_timestamp") }}' as timestamp)
{%- endmacro -%}

{%- macro is_in_future(timestamp) -%}
{#- After the run, by more than clocks may differ. -#}
    {{ timestamp }} > {{ run_time() }} + interval '{{ var("clock_skew_days") }}' day
{%- endmacro -%}

{%- macro is_after(timestamp, other) -%}
{#- Later than another clock says, by more than clocks may differ. -#}
    {{ timestamp }} > {{ other }} + interval '{{ var("clock_skew_days") }}' day
{%- endmacro -%}

{%- macro is_unbounded(timestamp) -%}
{#- For a moment that may lie in the future, such as the end of a trial, but not at infinity. -#}
    {{ timestamp }} >= cast('9999-12-31 23:59:59' as timestamp)
{%- endmacro -%}

{%- macro is_not_finite(number) -%}
{#- NaN, infinite, or too large for stable_sum. NaN is greater than any number where it equals itself. -#}
    abs({{ number }}) > 1e20
{%- endmacro -%}

{%- macro row_key(columns) -%}
{#- The key as a person would look it up: its parts, joined by '|'. -#}
    {%- for column in columns -%}
        coalesce(cast({{ column }} as {{ dbt.type_string() }}), '')
        {%- if not loop.last %} || '|' || {% endif -%}
    {%- endfor -%}
{%- endmacro -%}
