{#- Stops a run before the first model where a segment family is not complete: one line a problem, naming the file. -#}
{% macro check_segment_families() %}
    {%- if execute -%}
    {%- set problems = [] -%}
    {%- set nodes = segment_family_nodes() -%}
    {%- set required = ['owner', 'purpose', 'signals', 'retention_days', 'priority', 'kind'] -%}
    {%- for family, node in nodes.items() -%}
        {%- set meta = node.config.meta -%}
        {%- set file = node.original_file_path -%}
        {%- if family not in var('segments') -%}
            {%- do problems.append(
                file ~ ': not in the variable `segments` (vars.yml); add the line `- ' ~ family ~ '`'
            ) -%}
        {%- endif -%}
        {%- for key in required if meta.get(key) in (none, '', []) -%}
            {%- do problems.append(file ~ ': its YAML lacks config.meta.' ~ key) -%}
        {%- endfor -%}
        {%- if meta.get('kind') and meta.kind not in ('audience', 'exclusion') -%}
            {%- do problems.append(
                file ~ ': config.meta.kind is audience or exclusion, not `' ~ meta.kind ~ '`'
            ) -%}
        {%- endif -%}
        {%- for key in ('retention_days', 'priority', 'min_size', 'max_size') if meta.get(key) is not none
            and (meta.get(key) is boolean or meta.get(key) is not integer or meta.get(key) < 1) -%}
            {%- do problems.append(
                file ~ ': config.meta.' ~ key ~ ' is a whole number from 1, not `' ~ meta.get(key) ~ '`'
            ) -%}
        {%- endfor -%}
        {%- set smallest = meta.get('min_size', var('segment_min_size')) -%}
        {%- set largest = meta.get('max_size', var('segment_max_size')) -%}
        {%- if smallest is integer and largest is integer and smallest >= largest -%}
            {%- do problems.append(
                file ~ ': config.meta.min_size ' ~ smallest ~ ' is not below max_size ' ~ largest
            ) -%}
        {%- endif -%}
        {%- if not node.description -%}
            {%- do problems.append(file ~ ': its YAML lacks a description') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error(problems | join('\n')) -%}
    {%- endif -%}
    {%- endif -%}
{% endmacro %}
