{%- macro check_project() -%}
{#- Everything that is asked on run start, without a run: `make doctor` runs it as an operation. -#}
    {%- do check_variables() -%}
    {%- do check_engine_settings() -%}
    {%- do check_segment_families() -%}
    {%- do check_matching_engine() -%}
    {%- do prepare_raw_tables() -%}
{%- endmacro -%}
