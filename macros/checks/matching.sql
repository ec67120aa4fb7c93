{#- Whether contacts can be matched here. -#}

{%- macro check_matching_engine() -%}
{#- On-run-start: Splink works in a DuckDB beside dbt, so the contacts must be at hand there. -#}
    {%- if execute and var('probabilistic_matching') and target.type != 'duckdb' -%}
        {%- do exceptions.raise_compiler_error(
            'Variable probabilistic_matching: contacts are matched on DuckDB only; the target is ' ~ target.type ~ '.'
        ) -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro stop_where_matching_failed() -%}
{#- Post-hook of the Python model, which leaves its problem in a variable of the connection: what it raised itself
    would be shown as a traceback. -#}
    {%- if execute -%}
        {%- set problem = run_query("select getvariable('matching_problem')").columns[0].values()[0] -%}
        {%- if problem -%}
            {%- do exceptions.raise_compiler_error(problem) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}
