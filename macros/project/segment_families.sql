{#- The segment families as dbt knows them: the models seg_<family>, with the `meta` of their YAML. -#}

{%- macro segment_family_nodes() -%}
{#- A mapping family -> node. Only at run time: dbt knows the whole graph only then. -#}
    {%- set found = {} -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name.startswith('seg_') -%}
        {%- do found.update({node.name[4:]: node}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro -%}

{%- macro segment_family_rows() -%}
{#- The catalogue's rows, one select a family. -#}
    {%- if execute -%}
    {%- set nodes = segment_family_nodes() -%}
    {%- for family in var('segments') -%}
        {%- set meta = nodes[family].config.meta %}
    select
        '{{ family }}' as family,
        {{ dbt.string_literal(nodes[family].original_file_path) }} as file_path,
        {{ dbt.string_literal(meta.kind) }} as kind,
        {{ dbt.string_literal(dbt.escape_single_quotes(nodes[family].description | trim)) }} as description,
        {{ dbt.string_literal(dbt.escape_single_quotes(meta.owner)) }} as owner,
        {{ dbt.string_literal(dbt.escape_single_quotes(meta.purpose)) }} as purpose,
        {{ dbt.string_literal(dbt.escape_single_quotes(meta.signals | join(', '))) }} as signals,
        cast({{ meta.retention_days }} as integer) as retention_days,
        cast({{ meta.get('min_size') or var('segment_min_size') }} as integer) as min_size,
        cast({{ meta.get('max_size') or var('segment_max_size') }} as integer) as max_size,
        cast({{ meta.get('keep_top') or 'null' }} as integer) as keep_top,
        cast({{ meta.priority }} as integer) as priority,
        cast(
            nullif({{ dbt.string_literal((meta.get('excludes') or []) | join(', ')) }}, '')
            as {{ dbt.type_string() }}
        ) as excludes
        {%- if not loop.last %}
    union all
        {%- endif -%}
    {%- endfor -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro segment_exclusion_rows() -%}
{#- Whom the audiences of a family leave out, one select for each entry of its `excludes`. -#}
    {%- if execute -%}
    {%- set text = dbt.type_string() -%}
    {%- set nodes = segment_family_nodes() %}
    select
        cast(null as {{ text }}) as family,
        cast(null as {{ text }}) as exclusion,
        cast(null as {{ text }}) as excluded_family,
        cast(null as integer) as excluded_lookback_days
    where 1 = 0
    {%- for family in var('segments') -%}
    {%- for exclusion in nodes[family].config.meta.get('excludes') or [] -%}
        {%- set name, _, window = exclusion.partition('@') %}
    union all
    select
        '{{ family }}' as family,
        '{{ exclusion }}' as exclusion,
        {{ dbt.string_literal(name) }} as excluded_family,
        cast({{ window[:-1] or 'null' }} as integer) as excluded_lookback_days
    {%- endfor -%}
    {%- endfor -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro lookalike_families() -%}
{#- The families of the segments in lookalike_segments, each once. -#}
    {%- set families = [] -%}
    {%- for segment_id in var('lookalike_segments') -%}
        {%- do families.append(segment_id.split('@')[0].split('/')[0]) -%}
    {%- endfor -%}
    {{ return(families | unique | list) }}
{%- endmacro -%}

{%- macro lookalike_family_rows() -%}
{#- How long each of them remembers, one select a family, after one without a row. Not the catalogue's rows: dbt takes the
    text of a model that reads families apart, up to 10,000 tokens. -#}
    select
        cast(null as {{ dbt.type_string() }}) as family,
        cast(null as integer) as retention_days
    where 1 = 0
    {%- if execute -%}
    {%- set nodes = segment_family_nodes() -%}
    {%- for family in lookalike_families() %}
    union all
    select
        '{{ family }}' as family,
        cast({{ nodes[family].config.meta.retention_days }} as integer) as retention_days
    {%- endfor -%}
    {%- endif -%}
{%- endmacro -%}
