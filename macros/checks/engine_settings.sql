{#- What the engine must be told before it is trusted. -#}

{%- macro check_engine_settings() -%}
{#- On-run-start: two optimizers of DuckDB 2.0.0 fail or lose rows (profiles.yml.example); a profile that is older than
    that knowledge would build wrong tables in silence. -#}
    {%- if execute and target.type == 'duckdb' -%}
    {%- set version, disabled = run_query(
        "select version(), current_setting('disabled_optimizers')"
    ).rows[0].values() -%}
    {%- set missing = ['build_side_probe_side', 'outer_join_simplification'] | reject('in', disabled or '') | list -%}
    {%- if version.startswith('v2.0.') and missing -%}
        {%- do exceptions.raise_compiler_error(
            'profiles.yml: DuckDB ' ~ version ~ ' can lose rows or fail unless its settings hold disabled_optimizers:'
            ~ ' build_side_probe_side,outer_join_simplification (profiles.yml.example). Missing: '
            ~ missing | join(', ') ~ '.'
        ) -%}
    {%- endif -%}
    {%- endif -%}
{%- endmacro -%}
