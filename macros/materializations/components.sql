{#-
    Connected components of a graph, with the time at which each vertex came to its component; behind the
    materialization `connected_components`.

    Edges are rows (left_vertex, right_vertex, seen_at). A component bears the name of its vertex seen first, in text
    order where several were seen at once; an edge of a vertex with itself says when that one was seen. `joined_at` is
    the first moment at which a path of edges seen by then connected a vertex with that first one: the least t such that
    the edges up to t hold a path. It is null for the first one itself.

    Method: Borůvka's contraction. In each round every cluster takes its lightest edge, the one seen earliest, and all
    that hang together by these edges become one cluster. Each round at least halves the clusters, whatever the shape of
    the graph; within a round, pointers are followed to their end in doubling steps, so that a chain of a million links
    takes twenty of them. What the rounds leave behind is a tree of clusters, and on the path between two of its leaves
    the heaviest edge is the heaviest of the minimum spanning tree's path between those two vertices (V. King, "A
    simpler minimum spanning tree verification algorithm", 1997), which is what joined_at asks for. Nothing is random:
    the same edges always take the same steps.
-#}

{% macro find_components(edges, prefix) %}
{#- Contracts the relation `edges` into the temporary table `<prefix>found` (vertex, component, joined_at). -#}
    {%- set vertices, pairs = prefix ~ 'vertices', prefix ~ 'pairs' -%}
    {%- set made = [vertices, pairs] -%}

    {#- Vertices are numbered in the order in which they were seen, and pairs likewise: that number is a pair's weight.
        The smallest number of a cluster is its name. -#}
    {% do make_scratch_table(vertices,
        'select vertex, row_number() over (order by min(seen_at), vertex) as number from ('
        ~ 'select left_vertex as vertex, seen_at from ' ~ edges ~ ' union all '
        ~ 'select right_vertex as vertex, seen_at from ' ~ edges ~ ') as ends group by vertex') %}
    {% do make_scratch_table(pairs,
        'select a, b, seen_at, row_number() over (order by seen_at, a, b) as weight from ('
        ~ 'select least(l.number, r.number) as a, greatest(l.number, r.number) as b, min(e.seen_at) as seen_at from '
        ~ edges ~ ' as e inner join ' ~ vertices ~ ' as l on e.left_vertex = l.vertex '
        ~ 'inner join ' ~ vertices ~ ' as r on e.right_vertex = r.vertex '
        ~ 'where l.number <> r.number group by 1, 2) as pairs') %}

    {%- set rounds = [] -%}
    {%- set state = namespace(edges=pairs, left=components_count(pairs) | int) -%}
    {% for round in range(64) if state.left > 0 %}
        {%- set clusters = prefix ~ 'clusters_' ~ round -%}
        {% do components_round(state.edges, clusters, rounds[-1] if rounds else none, prefix, made) %}
        {#- Of several edges between two clusters only the lightest can matter. -#}
        {% do make_scratch_table(prefix ~ 'edges_' ~ round,
            'select least(l.next, r.next) as a, greatest(l.next, r.next) as b, min(e.weight) as weight from '
            ~ state.edges ~ ' as e inner join ' ~ clusters ~ ' as l on e.a = l.number '
            ~ 'inner join ' ~ clusters ~ ' as r on e.b = r.number where l.next <> r.next group by 1, 2') %}
        {%- set state.edges = prefix ~ 'edges_' ~ round -%}
        {%- set state.left = components_count(state.edges) | int -%}
        {%- do rounds.append(clusters) -%}
        {%- do made.extend([clusters, state.edges]) -%}
    {% endfor %}

    {#- Back from the last round to the first: the cluster in which each one ends, and the heaviest edge on the way to
        that cluster's first vertex. Rounds shrink, so this costs a constant times the first. -#}
    {%- set state.ends = '(select cast(null as bigint) as number, cast(null as bigint) as last,'
        ~ ' cast(null as bigint) as weight)' -%}
    {% for clusters in rounds | reverse %}
        {% do make_scratch_table(clusters ~ '_end',
            'select c.number, coalesce(e.last, c.next) as last, case '
            ~ 'when c.number = coalesce(e.last, c.next) then null '
            ~ 'when c.next = coalesce(e.last, c.next) then greatest(c.weight, n.heaviest) '
            ~ 'else greatest(c.weight, e.weight) end as weight from ' ~ clusters ~ ' as c '
            ~ 'inner join ' ~ clusters ~ ' as n on c.next = n.number '
            ~ 'left join ' ~ state.ends ~ ' as e on c.next = e.number') %}
        {%- set state.ends = clusters ~ '_end' -%}
        {%- do made.append(state.ends) -%}
    {% endfor %}

    {% do make_scratch_table(prefix ~ 'found',
        'select v.vertex, f.vertex as component, p.seen_at as joined_at from ' ~ vertices ~ ' as v '
        ~ 'left join ' ~ state.ends ~ ' as e on v.number = e.number '
        ~ 'inner join ' ~ vertices ~ ' as f on coalesce(e.last, v.number) = f.number '
        ~ 'left join ' ~ pairs ~ ' as p on e.weight = p.weight') %}
    {#- The session outlives this model by all that follow. -#}
    {% for table in made | unique %}
        {% do run_query('drop table ' ~ table) %}
    {% endfor %}
{% endmacro %}


{% macro find_touched_components(edges, known_edges, components, prefix) %}
{#- Where only some edges changed: contracts the components that have one of them, as found the last time or as they are
    now. `known_edges` are those that `components` was made of. Makes temporary tables: `<prefix>changed`
    edges, with is_gone; `<prefix>touched` (vertex), all vertices of those components; `<prefix>found`, what has
    become of them. A path that came or went, or came earlier, has a changed edge: every other component is what it
    was. -#}
    {%- set changed, some_edges = prefix ~ 'changed', prefix ~ 'some_edges' -%}
    {% do make_scratch_table(changed, edges_that_changed(edges, known_edges)) %}
    {% do make_scratch_table(prefix ~ 'touched',
        'with ends as (select left_vertex as vertex from ' ~ changed
        ~ ' union select right_vertex as vertex from ' ~ changed ~ '), '
        ~ 'touched as (select c.component from ' ~ components ~ ' as c inner join ends on c.vertex = ends.vertex) '
        ~ 'select vertex from ends union select vertex from ' ~ components
        ~ ' where component in (select component from touched)') %}
    {% do make_scratch_table(some_edges,
        'select e.left_vertex, e.right_vertex, e.seen_at from ' ~ edges ~ ' as e '
        ~ 'inner join ' ~ prefix ~ 'touched as t on e.left_vertex = t.vertex') %}
    {% do find_components(some_edges, prefix) %}
    {% do run_query('drop table ' ~ some_edges) %}
{% endmacro %}


{% macro edges_that_changed(edges, known_edges) -%}
{#- One join both ways reads each side once, at half the cost of asking each for what the other lacks. -#}
    select distinct
        coalesce(e.left_vertex, k.left_vertex) as left_vertex,
        coalesce(e.right_vertex, k.right_vertex) as right_vertex,
        coalesce(e.seen_at, k.seen_at) as seen_at,
        e.left_vertex is null as is_gone
    from {{ edges }} as e
    full outer join {{ known_edges }} as k
        on e.left_vertex = k.left_vertex and e.right_vertex = k.right_vertex and e.seen_at = k.seen_at
    where e.left_vertex is null or k.left_vertex is null
{%- endmacro %}


{% macro update_components(components, known_edges, prefix) %}
{#- Brings both tables to what find_touched_components found. The first statement opens the transaction. -#}
    {% call statement('main') -%}
        delete from {{ components }} where vertex in (select vertex from {{ prefix }}touched)
    {%- endcall %}
    {% call statement('insert_components') -%}
        insert into {{ components }} select vertex, component, joined_at from {{ prefix }}found
    {%- endcall %}
    {% call statement('delete_edges') -%}
        delete from {{ known_edges }} where exists (
            select 1 from {{ prefix }}changed as r where r.is_gone and r.left_vertex = {{ known_edges }}.left_vertex
            and r.right_vertex = {{ known_edges }}.right_vertex and r.seen_at = {{ known_edges }}.seen_at
        )
    {%- endcall %}
    {% call statement('insert_edges') -%}
        insert into {{ known_edges }} select left_vertex, right_vertex, seen_at from {{ prefix }}changed where not is_gone
    {%- endcall %}
{% endmacro %}


{% macro components_round(edges, clusters, previous, prefix, made) %}
{#- One round: makes the table `clusters` of one row per cluster that still has an edge: number, its lightest edge
    (weight), the cluster that it becomes part of (next), and the heaviest edge that the cluster of this name took in
    this or a previous round. -#}
    {%- set picks = prefix ~ 'picks' -%}
    {% do make_scratch_table(picks,
        'select number, min(weight) as weight, min_by(other, weight) as other from ('
        ~ 'select a as number, b as other, weight from ' ~ edges ~ ' union all '
        ~ 'select b as number, a as other, weight from ' ~ edges ~ ') as both_ways group by number') %}

    {#- Following the picks ends at two that picked each other; the smaller of them is the root. Each jump doubles the
        way that was followed. -#}
    {%- set state = namespace(roots=prefix ~ 'roots_0', moved=1) -%}
    {% do make_scratch_table(state.roots,
        'select p.number, case when q.other = p.number and p.number < p.other then p.number else p.other end as root '
        ~ 'from ' ~ picks ~ ' as p inner join ' ~ picks ~ ' as q on p.other = q.number') %}
    {%- do made.extend([picks, state.roots]) -%}
    {% for jump in range(64) if state.moved > 0 %}
        {%- set jumped = prefix ~ 'roots_' ~ (1 - jump % 2) -%}
        {% do make_scratch_table(jumped,
            'select r.number, n.root, n.root <> r.root as has_moved from ' ~ state.roots ~ ' as r '
            ~ 'inner join ' ~ state.roots ~ ' as n on r.root = n.number') %}
        {%- set state.moved = components_count(jumped ~ ' where has_moved') | int -%}
        {%- set state.roots = jumped -%}
        {%- do made.append(jumped) -%}
    {% endfor %}

    {% do make_scratch_table(clusters,
        'select p.number, p.weight, min(p.number) over (partition by r.root) as next, '
        ~ ('greatest(p.weight, b.heaviest)' if previous else 'p.weight') ~ ' as heaviest '
        ~ 'from ' ~ picks ~ ' as p inner join ' ~ state.roots ~ ' as r on p.number = r.number'
        ~ (' inner join ' ~ previous ~ ' as b on p.number = b.number' if previous else '')) %}
{% endmacro %}


{% macro components_count(rows) %}
    {{ run_query('select count(*) from ' ~ rows).columns[0].values()[0] }}
{% endmacro %}
