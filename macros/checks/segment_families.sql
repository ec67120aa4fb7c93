{#- Stops a run before the first model where a segment family is not complete: one line a problem, naming the file. -#}
{% macro check_segment_families() %}
    {%- if execute -%}
    {%- set problems = [] -%}
    {%- set nodes = segment_family_nodes() -%}
    {%- set required = ['owner', 'purpose', 'signals', 'retention_days', 'priority', 'kind'] -%}
    {%- set optional = ['min_size', 'max_size', 'keep_top', 'excludes'] -%}
    {#- Families that audiences can leave out, and the windows that may stand behind their names. -#}
    {%- set exclusions = [] -%}
    {%- for family, node in nodes | dictsort if node.config.meta.get('kind') == 'exclusion' and family in var('segments') -%}
        {%- do exclusions.append(family) -%}
    {%- endfor -%}
    {%- set windows = [] -%}
    {%- for days in var('lookback_days') + var('cart_lookback_days') -%}
        {%- do windows.append(days ~ 'd') -%}
    {%- endfor -%}
    {#- Who runs dbt on a manifest without any unit test (tools/dbt_in_process.py) is not asked for them. -#}
    {%- set shown = graph.unit_tests.values() | map(attribute='model') | list -%}
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
        {%- set is_list = excludes is sequence and excludes is not string and excludes is not mapping -%}
        {%- if not is_list or excludes | select('string') | list | length != excludes | length -%}
            {%- do problems.append(
                file ~ ': config.meta.excludes is a list of families of kind exclusion, not `'
                ~ excludes ~ '`'
            ) -%}
        {%- endif -%}
        {%- for exclusion in (excludes if is_list else []) if exclusion is string -%}
            {%- set name, at, window = exclusion.partition('@') -%}
            {%- if name not in exclusions -%}
                {%- do problems.append(
                    file ~ ': config.meta.excludes names `' ~ exclusion ~ '`; it can name families of kind exclusion'
                    ~ (', ' ~ exclusions | join(', ') if exclusions else ', of which there is none')
                ) -%}
            {%- elif at and window not in windows -%}
                {%- do problems.append(
                    file ~ ': config.meta.excludes names `' ~ exclusion ~ '`, and neither lookback_days nor'
                    ~ ' cart_lookback_days has its window'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if meta.get('kind') and meta.kind not in ('audience', 'exclusion') -%}
            {%- do problems.append(
                file ~ ': config.meta.kind is audience or exclusion, not `' ~ meta.kind ~ '`'
            ) -%}
        {%- endif -%}
        {%- for key in ('retention_days', 'priority', 'min_size', 'max_size', 'keep_top') if meta.get(key) is not none
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
        {%- if meta.get('keep_top') is integer and smallest is integer and 0 < meta.keep_top < smallest -%}
            {%- do problems.append(
                file ~ ': config.meta.keep_top ' ~ meta.keep_top ~ ' is below min_size ' ~ smallest
            ) -%}
        {%- endif -%}
        {#- Entries of your own may stand there; one that is meant to be ours would do nothing. -#}
        {%- for key in meta if key not in optional -%}
            {%- for meant in optional if (key | string | lower | replace('_', '') | replace('-', ''))[:5]
                == (meant | replace('_', ''))[:5] -%}
                {%- do problems.append(
                    file ~ ': config.meta.' ~ key ~ ' is nothing that a family has; do you mean ' ~ meant ~ '?'
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if shown and node.patch_path and node.name not in shown -%}
            {%- do problems.append(
                file ~ ': no unit test shows who is in and who is just out; put one under `unit_tests` of its YAML'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error(problems | join('\n')) -%}
    {%- endif -%}
    {%- endif -%}
{% endmacro %}

{#- After a run in which the families could not be united, or a family's unit test could not run: the family that
    names what the engine does not know. All are one statement, and the engine's own line may stand in another one.
    One line, or none where no family names it alone. -#}
{%- macro explain_family_errors(results) -%}
    {%- set nodes = segment_family_nodes() if execute else {} -%}
    {%- set told = [] -%}
    {%- for result in (results or []) if execute and result.status | string == 'error' -%}
        {%- set among = [] -%}
        {%- for family, node in nodes | dictsort if family in var('segments') -%}
            {%- if result.node.name == 'int_segment_candidates' or (
                result.node.resource_type | string == 'unit_test' and result.node.model == node.name
            ) -%}
                {%- do among.append(node) -%}
            {%- endif -%}
        {%- endfor -%}
        {#- What the engine proposes instead stands in other families rightly. -#}
        {%- set said = modules.re.split('Candidate|Did you mean|LINE [0-9]', result.message or '')[0] -%}
        {%- set fewest = namespace(name=none, files=[]) -%}
        {%- for name in modules.re.findall('["`]([A-Za-z_][A-Za-z0-9_]*)["`]', said) | unique -%}
            {%- set files = [] -%}
            {%- for node in among if modules.re.search('(?i)\\b' ~ name ~ '\\b', node.raw_code) -%}
                {%- do files.append(node.original_file_path) -%}
            {%- endfor -%}
            {#- Of two that as few families name, the later: `list "x" has no column "y"`. -#}
            {%- if files and (not fewest.files or files | length <= fewest.files | length) -%}
                {%- set fewest.name, fewest.files = name, files -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if fewest.files -%}
            {#- What dbt says first is about the unit test, which is seldom wrong here. -#}
            {%- set found = modules.re.search('[A-Za-z]+ Error: .*', said.replace('\n', ' ')) -%}
            {%- set reason = found.group() if found else said.split('\n')[1:] | map('trim') | join(' ') -%}
            {%- set line = fewest.files | join(', ') ~ ': `' ~ fewest.name ~ '` stands there; ' ~ reason | trim -%}
            {%- if line not in told -%}
                {%- do told.append(line) -%}
                {%- do log(line, info=true) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}
