{#- The input contract stands in the source YAML files; here it is held against what is there. -#}

{%- macro prepare_raw_tables() -%}
{#- On-run-start: stops the run, before its first model, if a raw table breaks the contract. -#}
    {%- if execute -%}
        {%- set tables = graph.sources.values()
            | selectattr('package_name', 'equalto', project_name)
            | sort(attribute='source_name,name') | list -%}
        {%- do adapter.dispatch('prepare_raw_tables', 'tessera')(tables) -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro stop_on_contract_problems(problems) -%}
{#- problems: texts, one a broken column. All are named at once, up to 20 of them. -#}
    {%- if problems -%}
        {%- set more = problems | length - 20 -%}
        {%- set tail = ['... and ' ~ more ~ ' more'] if more > 0 else [] -%}
        {%- do exceptions.raise_compiler_error(
            'The raw tables break the input contract (docs/input-contract.md):\n  '
            ~ (problems[:20] + tail) | join('\n  ')
        ) -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro contract_problem(table, column, expected, found, place) -%}
{#- One line that names table, column, expected and found type, and where it was seen. -#}
    {%- set remedy = '' -%}
    {%- if expected == 'timestamp' and found | upper in ('TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ') -%}
        {%- set remedy = ': export its UTC time without a zone, cast(' ~ column
            ~ " at time zone 'UTC' as timestamp)" -%}
    {%- endif -%}
    {%- do return(
        table ~ ': column ' ~ column ~ ': expected ' ~ expected ~ ', found ' ~ found
        ~ ' (' ~ place ~ ')' ~ remedy
    ) -%}
{%- endmacro -%}
