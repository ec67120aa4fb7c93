{#- What the engine must be told before it is trusted. -#}

{%- macro check_engine_settings() -%}
    {%- if execute -%}
    {%- do adapter.dispatch('check_engine_settings', 'tessera')() -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro default__check_engine_settings() -%}
{%- endmacro -%}


{%- macro duckdb__check_engine_settings() -%}
{#- Two optimizers of DuckDB 2.0.0 fail or lose rows (profiles.yml.example); a profile that is older than that knowledge
    would build wrong tables in silence. -#}
    {%- set version, disabled = run_query(
        "select version(), current_setting('disabled_optimizers')"
    ).rows[0].values() -%}
    {%- set missing = [] -%}
    {%- for name in ['build_side_probe_side', 'outer_join_simplification'] if name not in (disabled or '') -%}
        {%- do missing.append(name) -%}
    {%- endfor -%}
    {%- if version.startswith('v2.0.') and missing -%}
        {%- do exceptions.raise_compiler_error(
            'profiles.yml: DuckDB ' ~ version ~ ' can lose rows or fail unless its settings hold disabled_optimizers:'
            ~ ' build_side_probe_side,outer_join_simplification (profiles.yml.example). Missing: '
            ~ missing | join(', ') ~ '.'
        ) -%}
    {%- endif -%}
{%- endmacro -%}
