{#- Stops a run before the first model where a segment family is not complete: one line a problem, naming the file. -#}
{% macro check_segment_families() %}
    {%- if execute -%}
    {%- set problems = [] -%}
    {%- set nodes = segment_family_nodes() -%}
    {%- set required = ['owner', 'purpose', 'signals', 'retention_days', 'priority', 'kind'] -%}
    {%- for family, node in nodes | dictsort -%}
        {%- set meta = node.config.meta -%}
        {%- set file = node.original_file_path -%}
        {%- if family not in var('segments') -%}
            {%- do problems.append(
                file ~ ': not in the variable `segments` (vars.yml); add the line `- ' ~ family ~ '`'
            ) -%}
        {%- endif -%}
        {%- set lacking = [] -%}
        {%- for key in required if meta.get(key) in (none, '', []) -%}
            {%- do lacking.append('config.meta.' ~ key) -%}
        {%- endfor -%}
        {%- if not node.description -%}
            {%- do lacking.append('a description') -%}
        {%- endif -%}
        {%- if not node.patch_path -%}
            {%- do problems.append(
                file ~ ': no YAML names this model; put seg_' ~ family ~ '.yml beside it, with '
                ~ lacking | join(', ')
            ) -%}
        {%- elif lacking -%}
            {%- do problems.append(file ~ ': its YAML lacks ' ~ lacking | join(', ')) -%}
        {%- endif -%}
        {%- for key in ('owner', 'purpose') if meta.get(key) and meta.get(key) is not string -%}
            {%- do problems.append(
                file ~ ': config.meta.' ~ key ~ ' is a text, not `' ~ meta.get(key) ~ '`'
            ) -%}
        {%- endfor -%}
        {#- A text is a sequence of letters, and would be listed as such. -#}
        {%- set signals = meta.get('signals') -%}
        {%- set is_list = signals is sequence and signals is not string and signals is not mapping -%}
        {%- if signals and (not is_list or signals | select('string') | list | length != signals | length) -%}
            {%- do problems.append(
                file ~ ': config.meta.signals is a list of texts, not `' ~ signals ~ '`'
            ) -%}
        {%- endif -%}
        {%- set excludes = meta.get('excludes', []) -%}
        {%- if excludes is string or excludes is mapping or excludes is not sequence
            or excludes | reject('equalto', 'recent_purchasers') | list -%}
            {%- do problems.append(
                file ~ ': config.meta.excludes is a list of recent_purchasers, the one exclusion that there is, not `'
                ~ excludes ~ '`'
            ) -%}
        {%- endif -%}
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
        {%- set smallest = meta.get('min_size') or var('segment_min_size') -%}
        {%- set largest = meta.get('max_size') or var('segment_max_size') -%}
        {%- if smallest is integer and largest is integer and smallest >= largest -%}
            {%- do problems.append(
                file ~ ': config.meta.min_size ' ~ smallest ~ ' is not below max_size ' ~ largest
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error(problems | join('\n')) -%}
    {%- endif -%}
    {%- endif -%}
{% endmacro %}
