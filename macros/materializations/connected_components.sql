{#-
    Materialization `connected_components`: a model that selects edges (left_vertex, right_vertex, both text and not
    null) becomes a table of one row per vertex: vertex, component, where component is the smallest vertex (in text
    order) that a path of edges connects with it. Loops, repeated edges and either direction are welcome.

    Method: randomised contraction (Bögeholz, Brand and Todor, "In-database connected component analysis", ICDE 2020).
    Each round gives every vertex the neighbour (itself included) that comes first in a fresh pseudo-random order and
    contracts it into that one. A round takes away at least a quarter of the vertices in expectation, whatever the
    shape of the graph, so that a chain of a million links needs about as many rounds as a star. The constants of each
    round are fixed: the same edges always take the same steps. It ends when no edge is left.

    Contraction needs more than one statement, which is why it is a materialization and not a model.
-#}

{% materialization connected_components, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set result_relation = components_of(sql, target_relation) -%}
    {%- set finished = make_intermediate_relation(target_relation) -%}
    {{ drop_relation_if_exists(load_cached_relation(finished)) }}
    {% call statement('main') -%}
        {{ create_table_as(False, finished, 'select vertex, component from ' ~ result_relation) }}
    {%- endcall %}

    {%- set backup_relation = make_backup_relation(target_relation, 'table') -%}
    {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}
    {% if existing_relation is not none %}
        {{ adapter.rename_relation(existing_relation, backup_relation) }}
    {% endif %}
    {{ adapter.rename_relation(finished, target_relation) }}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ drop_relation_if_exists(backup_relation) }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% macro components_of(edges_sql, target_relation) %}
{#- Runs the contraction; returns the name of a temporary table (vertex, component). -#}
    {%- set prefix = target_relation.identifier ~ '__' -%}
    {%- set prime = 2147483647 -%}

    {% do components_step(prefix ~ 'named_edges', edges_sql) %}
    {% do components_step(prefix ~ 'vertices',
        'select vertex, row_number() over (order by vertex) as number from ('
        ~ 'select left_vertex as vertex from ' ~ prefix ~ 'named_edges union '
        ~ 'select right_vertex as vertex from ' ~ prefix ~ 'named_edges) as vertices') %}
    {% do components_step(prefix ~ 'edges_0',
        'select distinct l.number as a, r.number as b from ' ~ prefix ~ 'named_edges as e '
        ~ 'inner join ' ~ prefix ~ 'vertices as l on e.left_vertex = l.vertex '
        ~ 'inner join ' ~ prefix ~ 'vertices as r on e.right_vertex = r.vertex '
        ~ 'where l.number <> r.number') %}

    {#- Forwards: contract until no edge is left. -#}
    {%- set state = namespace(rounds=0, edges=components_count(prefix ~ 'edges_0')) -%}
    {% for round in range(500) if state.edges > 0 %}
        {#- A multiplier that is small against the prime would leave neighbouring numbers in their order, and a chain
            whose links are named in a row would lose one vertex a round: hence powers of a primitive root. -#}
        {%- set factor = (48271 ** (round + 2)) % prime -%}
        {%- set shift = (69621 * (round + 3)) % prime -%}
        {%- set edges = prefix ~ 'edges_' ~ round -%}
        {%- set steps = prefix ~ 'steps_' ~ round -%}
        {#- x -> (factor * x + shift) mod prime is a permutation of the numbers below the prime. -#}
        {% do components_step(steps,
            'select a as number, min_by(b, (' ~ factor ~ ' * b + ' ~ shift ~ ') % ' ~ prime ~ ') as next from ('
            ~ 'select a, b from ' ~ edges ~ ' union all select b, a from ' ~ edges
            ~ ' union all select a, a from ' ~ edges ~ ' union all select b, b from ' ~ edges
            ~ ') as neighbours group by a') %}
        {% do components_step(prefix ~ 'edges_' ~ (round + 1),
            'select distinct l.next as a, r.next as b from ' ~ edges ~ ' as e '
            ~ 'inner join ' ~ steps ~ ' as l on e.a = l.number '
            ~ 'inner join ' ~ steps ~ ' as r on e.b = r.number where l.next <> r.next') %}
        {%- set state.rounds = round + 1 -%}
        {%- set state.edges = components_count(prefix ~ 'edges_' ~ (round + 1)) -%}
    {% endfor %}
    {% if state.edges > 0 %}
        {{ exceptions.raise_compiler_error('connected_components: ' ~ state.edges ~ ' edges left after 500 rounds') }}
    {% endif %}

    {#- Backwards: where each vertex of a round ends. Rounds shrink, so this costs a constant times the first. -#}
    {%- set last = namespace(table=none) -%}
    {% for back in range(state.rounds) %}
        {%- set round = state.rounds - 1 - back -%}
        {%- set ends = prefix ~ 'ends_' ~ round -%}
        {% if last.table is none %}
            {% do components_step(ends, 'select number, next as last from ' ~ prefix ~ 'steps_' ~ round) %}
        {% else %}
            {% do components_step(ends,
                'select s.number, coalesce(e.last, s.next) as last from ' ~ prefix ~ 'steps_' ~ round ~ ' as s '
                ~ 'left join ' ~ last.table ~ ' as e on s.next = e.number') %}
        {% endif %}
        {%- set last.table = ends -%}
    {% endfor %}
    {%- set reached = last.table or '(select cast(null as bigint) as number, cast(null as bigint) as last)' -%}
    {% do components_step(prefix ~ 'components',
        'select v.vertex, min(v.vertex) over (partition by coalesce(e.last, v.number)) as component from '
        ~ prefix ~ 'vertices as v left join ' ~ reached ~ ' as e on v.number = e.number') %}
    {{ return(prefix ~ 'components') }}
{% endmacro %}


{% macro components_step(name, sql) %}
    {% do run_query('create or replace temporary table ' ~ name ~ ' as ' ~ sql) %}
{% endmacro %}


{% macro components_count(name) %}
    {{ return(run_query('select count(*) from ' ~ name).columns[0].values()[0] | int) }}
{% endmacro %}
