{#-
    Materialization `connected_components`: a model that selects edges (left_vertex, right_vertex, seen_at, none of them
    null) becomes a table of one row per vertex: vertex, component, joined_at; components.sql says what they mean.
    Repeated edges, loops and either direction are welcome.

    Beside it stands `<model>__edges`, the edges that the table was made of, each once. The next run compares them with
    today's and contracts only the components that have an edge which came, went or changed its time; the outcome is
    that of a run from the beginning, which --full-refresh asks for. Nothing else is remembered: an edge that is gone
    today is gone from both tables.

    Both tables change in one transaction, so a run that was killed leaves them as they were. An engine that has none
    begins from the beginning each time.
-#}

{% materialization connected_components, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set known_edges = api.Relation.create(
        database=this.database, schema=this.schema, identifier=this.identifier ~ '__edges', type='table'
    ) -%}
    {%- set prefix = scratch_prefix(this) -%}
    {%- set edges, found = prefix ~ 'todays_edges', prefix ~ 'found' -%}
    {%- set is_update = has_transactions() and not should_full_refresh()
        and has_columns(existing_relation, ['vertex', 'component', 'joined_at'])
        and has_columns(load_cached_relation(known_edges), ['left_vertex', 'right_vertex', 'seen_at']) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% do make_scratch_view(edges, sql) %}
    {% if is_update %}
        {% do find_touched_components(edges, known_edges, existing_relation, prefix) %}
        {{ update_components(existing_relation, known_edges, prefix) }}
    {% else %}
        {% do find_components(edges, prefix) %}
        {%- set finished = make_intermediate_relation(target_relation) -%}
        {%- set backup_relation = make_backup_relation(target_relation, 'table') -%}
        {{ drop_relation_if_exists(load_cached_relation(finished)) }}
        {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}
        {% call statement('main') -%}
            {{ create_table_as(False, finished, 'select vertex, component, joined_at from ' ~ found) }}
        {%- endcall %}
        {#- Edges without the table that they made, or with an older one, would be taken for its own. -#}
        {{ drop_relation_if_exists(load_cached_relation(known_edges)) }}
        {% if existing_relation is not none %}
            {{ adapter.rename_relation(existing_relation, backup_relation) }}
        {% endif %}
        {{ adapter.rename_relation(finished, target_relation) }}
        {% call statement('remember') -%}
            {{ create_table_as(
                False, known_edges, 'select distinct left_vertex, right_vertex, seen_at from ' ~ edges
            ) }}
        {%- endcall %}
    {% endif %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {% if not is_update %}
        {{ drop_relation_if_exists(backup_relation) }}
    {% endif %}
    {% do drop_scratch_view(edges) %}
    {% for table in [found] + ([prefix ~ 'touched', prefix ~ 'changed'] if is_update else []) %}
        {% do run_query('drop table ' ~ table) %}
    {% endfor %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% macro has_columns(relation, names) %}
{#- Whether a relation is there and is a table of just these columns: not one that an older version of the project, or
    somebody else, left. -#}
    {% if relation is none or not relation.is_table %}
        {{ return(false) }}
    {% endif %}
    {{ return(adapter.get_columns_in_relation(relation) | map(attribute='name') | list == names) }}
{% endmacro %}
