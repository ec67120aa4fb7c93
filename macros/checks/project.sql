{%- macro check_project(raw_tables=true) -%}
{#- Everything that is asked on run start, without a run: `make doctor` runs it as an operation. Without `raw_tables` where there are
none yet, and a demo will be made. -#}
    {%- do check_variables() -%}
    {%- do check_engine_settings() -%}
    {%- do check_segment_families() -%}
    {%- do check_matching_engine() -%}
    {%- if raw_tables -%}
        {%- do prepare_raw_tables() -%}
    {%- endif -%}
{%- endmacro -%}
