"""Who is one person: connected components against union-find, updates against runs from the beginning, and whole chains
through raw files."""

import csv
import datetime
import hashlib
import random

import duckdb
import networkx
import pytest
from dbt.artifacts.resources import Hook
from sql_macros import StatementMacros

DAY = datetime.datetime(2026, 3, 1, 12)
RANDOM_GRAPHS = 72
CHAIN_LINKS = 10_000


# ---- Graphs ---------------------------------------------------------------------------------


def random_graph(number):
    """Edges of one small graph as text pairs: repeated, reversed and looped as real evidence is. The vertices' names
    are dealt at random, so that their text order says nothing about the shape."""
    chance = random.Random(number)
    size = chance.choice([2, 3, 5, 10, 30, 100, 300])
    seed = chance.randrange(10**6)
    shapes = [
        lambda: networkx.gnm_random_graph(size, size // 3, seed=seed),
        lambda: networkx.gnm_random_graph(size, size // 2, seed=seed),
        lambda: networkx.gnm_random_graph(size, size, seed=seed),
        lambda: networkx.gnm_random_graph(size, size * 4, seed=seed),
        lambda: networkx.random_labeled_tree(size, seed=seed),
        lambda: networkx.star_graph(size),
        lambda: networkx.cycle_graph(size),
        lambda: networkx.path_graph(size),
        lambda: networkx.barbell_graph(max(3, size // 10), 1),
        lambda: networkx.barbell_graph(max(3, size // 10), 0),
        lambda: networkx.complete_bipartite_graph(2, size),
        lambda: networkx.grid_2d_graph(3, size // 3 + 1),
        lambda: networkx.random_regular_graph(3, size + size % 2 + 2, seed=seed),
        lambda: networkx.disjoint_union_all([networkx.path_graph(k % 4 + 1) for k in range(size)]),
        lambda: networkx.disjoint_union_all([networkx.complete_graph(k % 5 + 1) for k in range(size // 3 + 1)]),
        lambda: networkx.caveman_graph(size // 3 + 1, 3),
        lambda: networkx.balanced_tree(2, 5),
        lambda: networkx.hypercube_graph(4),
    ]
    graph = networkx.convert_node_labels_to_integers(shapes[number % len(shapes)]())
    names = [str(name) for name in chance.sample(range(10 * len(graph)), len(graph))]
    edges = [(names[a], names[b]) for a, b in graph.edges]
    edges += [chance.choice(edges) for _ in range(len(edges) // 4)]
    edges += [(b, a) for a, b in chance.sample(edges, len(edges) // 3)]
    edges += [(name, name) for name in chance.sample(names, len(names) // 5)]
    chance.shuffle(edges)
    return edges


def path(names):
    return list(zip(names, names[1:]))


def all_graphs():
    """Many graphs as one: the vertices of each bear its name."""
    chance = random.Random(0)
    in_order = [f"{number:06}" for number in range(CHAIN_LINKS + 1)]
    shuffled = chance.sample(in_order, len(in_order))
    graphs = {f"random{number:02}": random_graph(number) for number in range(RANDOM_GRAPHS)}
    graphs |= {
        "chain in order": path(in_order),
        "chain reversed": path(in_order[::-1]),
        "chain shuffled": path(shuffled),
        "great star": [("hub", f"{number:06}") for number in range(CHAIN_LINKS)],
        "great cycle": [*path(shuffled), (shuffled[-1], shuffled[0])],
        "two cliques and a bridge": list(networkx.barbell_graph(60, 0).edges),
        "two cliques": [(a, b) for a, b in networkx.barbell_graph(60, 0).edges if {a, b} != {59, 60}],
        "only loops": [(name, name) for name in "abc"],
        "a loop on an edge": [("b", "a"), ("b", "b")],
        "odd names": path(["it's", 'a "quote"', "ümlaut", "Ümlaut", "語", "🙂", " ", "a,b", "a;b\\c", "--"]),
        # Text order, in which '10' comes before '9', names a component of vertices seen at once.
        "text order": path(["9", "10", "a", "B", "b"]),
    }
    return {name: [(f"{name}/{a}", f"{name}/{b}") for a, b in edges] for name, edges in graphs.items()}


# ---- The contraction's statements, without dbt -------------------------------------------------------------------


def expected(edges):
    """{vertex: (component, joined_at)} of edges (one, other, time), by union-find in the order of time: independent of
    the contraction. Whoever joins the cluster that holds the component's first vertex has its time."""
    first_seen = {}
    for one, other, time in edges:
        for vertex in (one, other):
            first_seen[vertex] = min(first_seen.get(vertex, time), time)
    graph = networkx.Graph((one, other) for one, other, _ in edges)
    component = {}
    for members in networkx.connected_components(graph):
        component |= dict.fromkeys(members, min(members, key=lambda vertex: (first_seen[vertex], vertex)))
    cluster = {vertex: {vertex} for vertex in graph}
    joined_at = dict.fromkeys(graph)
    for one, other, time in sorted(edges, key=lambda edge: edge[2]):
        left, right = cluster[one], cluster[other]
        if left is right:
            continue
        for here, there in ((left, right), (right, left)):
            if component[one] in here:
                joined_at |= dict.fromkeys(there, time)
        small, large = sorted((left, right), key=len)
        cluster |= dict.fromkeys(small, large)
        large |= small
    return {vertex: (component[vertex], joined_at[vertex]) for vertex in graph}


class Contraction:
    """The macros behind the materialization, on a database in memory: edges in, {vertex: (component, joined_at)} out.
    """

    def __init__(self):
        self.connection = duckdb.connect()
        self.macros = StatementMacros(
            self.connection, "macros/engine/tables/scratch_tables.sql", "macros/materializations/components.sql"
        )

    def load(self, table, edges):
        self.connection.execute(
            f"create or replace table {table} as select unnest($1) as left_vertex, unnest($2) as right_vertex, "
            "unnest(cast($3 as bigint[])) as seen_at",
            [list(column) for column in zip(*edges)] or [[], [], []],
        )

    def rows(self, sql):
        rows = self.connection.execute(sql).fetchall()
        found = {vertex: (component, joined_at) for vertex, component, joined_at in rows}
        assert len(found) == len(rows), "one row per vertex"
        return found

    def begin(self, edges):
        self.load("given", edges)
        self.connection.execute("create or replace table edges as select distinct * from given")
        self.macros.find_components("given", "x_")
        self.connection.execute("create or replace table components as select * from x_found")
        return self.rows("select * from components")

    def go_on(self, edges):
        """Updates what `begin` or a previous step left; gives also the vertices that were looked at again."""
        self.load("new_edges", edges)
        self.macros.find_touched_components("new_edges", "edges", "components", "x_")
        touched = {vertex for (vertex,) in self.connection.execute("select vertex from x_touched").fetchall()}
        self.macros.update_components("components", "edges", "x_")
        known, today = ({*self.connection.execute(f"from {name}").fetchall()} for name in ("edges", "new_edges"))
        assert known == today and self.connection.execute("select count(*) from edges").fetchone() == (len(today),)
        return self.rows("select * from components"), touched


def with_times(edges, number):
    """Times for edges, dealt so that many are equal or that they run along the graph; a loop says that a vertex was
    seen before its first edge."""
    chance = random.Random(f"times {number}")
    days = chance.choice([1, 3, len(edges), 10 * len(edges) + 1])
    times = [chance.randrange(days) for _ in edges]
    if number % 3 == 0:
        times.sort(reverse=number % 2 == 0)
    return [(one, other, time - chance.choice([0, 0, 5]) * (one == other)) for (one, other), time in zip(edges, times)]


def timed_graphs():
    return {name: with_times(edges, number) for number, (name, edges) in enumerate(all_graphs().items())}


@pytest.fixture
def contraction():
    return Contraction()


def wrong_graphs(found, graphs):
    """Names of the graphs whose vertices are not where union-find has them."""
    return [
        name
        for name, edges in graphs.items()
        for vertices in [expected(edges)]
        if {vertex: found.get(vertex) for vertex in vertices} != vertices
    ]


def test_components_and_merge_times_are_those_of_union_find(contraction):
    graphs = timed_graphs()
    found = contraction.begin([edge for edges in graphs.values() for edge in edges])
    assert not wrong_graphs(found, graphs)
    assert set(found) == {vertex for edges in graphs.values() for edge in edges for vertex in edge[:2]}


@pytest.mark.parametrize("number", range(40))
def test_a_graph_alone(contraction, number):
    """Some paths of the contraction are seen only where no larger graph runs beside a small one."""
    edges = with_times(random_graph(number), number)
    assert contraction.begin(edges) == expected(edges)


@pytest.mark.parametrize(
    "edges", [[], [("a", "a", 1), ("b", "b", 1)], [("b", "a", 1)], [("b", "a", 2), ("a", "a", 2), ("b", "b", 1)]]
)
def test_components_of_next_to_nothing(contraction, edges):
    assert contraction.begin(edges) == expected(edges)
    assert contraction.go_on([]) == ({}, {vertex for edge in edges for vertex in edge[:2]})
    assert contraction.go_on(edges)[0] == expected(edges)


@pytest.mark.parametrize("order", ["in order", "reversed", "shuffled", "outside in"])
def test_a_long_chain_takes_few_statements(contraction, order):
    """However time runs along it: a round more halves the clusters, a jump more doubles the way that was followed."""
    links = 20_000
    times = list(range(links))
    if order == "reversed":
        times.reverse()
    elif order == "shuffled":
        random.Random(1).shuffle(times)
    elif order == "outside in":
        times = [min(time, links - time) for time in times]
    names = [f"{number:06}" for number in range(links + 1)]
    edges = [(one, other, time) for (one, other), time in zip(path(names), times)]
    assert contraction.begin(edges) == expected(edges)
    assert len(contraction.macros.statements) < 250


STREAMS, STEPS = 300, 5


def test_an_update_gives_what_a_run_from_the_beginning_gives(contraction):
    """Random streams of edges: in every step some graphs gain and lose edges, or see one earlier or later, and some
    stay as they are. After each step the outcome is that of union-find on all of today's edges."""
    chance = random.Random(11)
    pools = {f"stream{number:03}": with_times(random_graph(number), number) for number in range(STREAMS)}
    pools = {
        name: [(f"{name}/{one}", f"{name}/{other}", time) for one, other, time in edges]
        for name, edges in pools.items()
    }
    graphs = {name: [edge for edge in edges if chance.random() < 0.6] for name, edges in pools.items()}
    contraction.begin([edge for edges in graphs.values() for edge in edges])
    looked_at = 0
    for step in range(STEPS):
        before = {name: list(edges) for name, edges in graphs.items()}
        for name in chance.sample([*pools], STREAMS // 3):
            kind = chance.choice(["new", "gone", "both", "times", "all gone", "bridge"])
            edges = graphs[name]
            if kind in ("new", "both"):
                edges += chance.sample(pools[name], min(len(pools[name]), chance.choice([1, 2, 20])))
            if kind in ("gone", "both"):
                for edge in chance.sample(edges, min(len(edges), chance.choice([1, 2, 20]))):
                    edges.remove(edge)
            if kind == "times":
                graphs[name] = [(a, b, time + chance.choice([0, 0, 0, -3, 7])) for a, b, time in edges]
            if kind == "all gone":
                graphs[name] = []
            if kind == "bridge" and edges:
                other = chance.choice([*pools])
                if graphs[other]:
                    # Two graphs become one; the edge belongs to the first and may go again.
                    edges.append((chance.choice(edges)[0], chance.choice(graphs[other])[1], chance.randrange(100)))
        today = [edge for edges in graphs.values() for edge in edges]
        found, touched = contraction.go_on(today)
        assert found == expected(today), f"step {step}"
        assert found == Contraction().begin(today), f"step {step}"
        # Only components that have a changed edge, before or now, are looked at again.
        old, new = ({edge for edges in day.values() for edge in edges} for day in (before, graphs))
        ends = {vertex for edge in old ^ new for vertex in edge[:2]}
        was = expected([edge for edges in before.values() for edge in edges])
        hit = {was[vertex][0] for vertex in ends if vertex in was}
        assert touched == ends | {vertex for vertex, (component, _) in was.items() if component in hit}
        assert 0 < len(touched) < len(found)
        looked_at += len(touched)
    assert looked_at > 1000


# ---- The materialization, in dbt --------------------------------------------------------------------------------


class Components:
    """The model int_identity_components with its query replaced, so that the materialization runs on given edges."""

    def __init__(self, warehouse, folder):
        self.warehouse = warehouse
        self.file = folder / "edges.csv"
        # A project without a single raw file refuses to run.
        warehouse.write("shop/products", [{"product_id": "p"}])
        self.node = warehouse.manifest.nodes["model.tessera.int_identity_components"]
        self.node.raw_code = (
            "{{ config(materialized='connected_components') }} select left_vertex, right_vertex, seen_at "
            f"from read_csv('{self.file}', header = true, delim = ',', quote = '\"', escape = '\"', "
            "columns = {left_vertex: 'varchar', right_vertex: 'varchar', seen_at: 'bigint'})"
        )
        self.node.depends_on.nodes = []
        self.node.refs = []

    def run(self, edges, *arguments):
        """dbt's result, and how many vertices were looked at again; none where the run began from the beginning."""
        with self.file.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("left_vertex", "right_vertex", "seen_at"), *edges])
        statements = []

        def listen(event):
            if event.info.name == "SQLQuery":
                statements.append(event.data.sql)

        result = self.warehouse.dbt("run", "--select", "int_identity_components", *arguments, callbacks=[listen])
        self.was_update = any("__touched as" in sql for sql in statements)
        return result

    def of(self, edges, *arguments):
        """{vertex: (component, joined_at)}."""
        result = self.run(edges, *arguments)
        assert result.success, self.warehouse.problems(result)
        return self.found()

    def found(self):
        rows = self.warehouse.query("select * from main_intermediate.int_identity_components")
        return {vertex: (component, joined_at) for vertex, component, joined_at in rows}

    def execute(self, sql):
        with duckdb.connect(str(self.warehouse.database)) as connection:
            connection.execute(sql)


@pytest.fixture(scope="module")
def components(new_warehouse, tmp_path_factory):
    return Components(new_warehouse("components"), tmp_path_factory.mktemp("edges"))


ONE_DAY = [("b", "a", 1), ("b", "a", 5), ("c", "b", 2), ("x", "y", 4), ("y", "x", 3), ("z", "z", 1)]
NEXT_DAY = [("b", "a", 1), ("x", "y", 4), ("y", "x", 3), ("z", "y", 6), ("z", "z", 1)]


def test_the_materialization_updates_what_it_made(components):
    assert components.of(ONE_DAY, "--full-refresh") == expected(ONE_DAY)
    assert not components.was_update
    for edges in (NEXT_DAY, ONE_DAY, ONE_DAY, [], NEXT_DAY):
        assert components.of(edges) == expected(edges)
        assert components.was_update
    assert components.of(NEXT_DAY, "--full-refresh") == expected(NEXT_DAY)
    assert not components.was_update


def test_what_is_gone_today_is_gone_from_every_table(components):
    """Erasure takes edges away; nothing may remember them."""
    components.of([*ONE_DAY, ("erased", "b", 1)])
    components.of(ONE_DAY)
    with duckdb.connect(str(components.warehouse.database), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        assert ("main_intermediate", "int_identity_components__edges") in tables
        for schema, table in tables:
            rows = connection.execute(f'select * from "{schema}"."{table}"').fetchall()
            assert not [row for row in rows if "erased" in row], table


def test_a_run_that_fails_at_its_end_leaves_both_tables_as_they_were(components):
    before = components.of(ONE_DAY)
    components.node.config.post_hook = [Hook(sql="select error('the power fails')", transaction=True)]
    try:
        assert not components.run(NEXT_DAY).success
    finally:
        components.node.config.post_hook = []
    assert components.found() == before
    assert components.of(NEXT_DAY) == expected(NEXT_DAY)
    assert components.was_update


@pytest.mark.parametrize(
    "break_it",
    [
        # An engine without transactions may leave this behind.
        "drop table main_intermediate.int_identity_components__edges",
        "drop table main_intermediate.int_identity_components",
        # Made by another version of the project.
        "alter table main_intermediate.int_identity_components drop column joined_at",
        "alter table main_intermediate.int_identity_components__edges add column evidence varchar",
    ],
)
def test_half_a_state_is_no_state(components, break_it):
    components.of(ONE_DAY)
    components.execute(break_it)
    assert components.of(NEXT_DAY) == expected(NEXT_DAY)
    assert not components.was_update
    assert components.of(ONE_DAY) == expected(ONE_DAY)
    assert components.was_update


def test_odd_names_survive_dbt(components):
    graphs = {name: edges for name, edges in timed_graphs().items() if "names" in name or "text order" in name}
    assert len(graphs) == 2
    edges = [edge for one in graphs.values() for edge in one]
    assert components.of(edges, "--full-refresh") == expected(edges)


# ---- End to end, through raw files ------------------------------------------------------------------------------


def customer_key(identifier_id):
    return "c_" + hashlib.md5(identifier_id.encode()).hexdigest()


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


class People:
    """Raw rows that show identifiers together, and what the identity map makes of them."""

    def __init__(self, warehouse):
        self.warehouse = warehouse
        self.rows = {"web/events": [], "crm/contacts": [], "crm/accounts": [], "shop/orders": []}

    def event(self, at, anonymous_id=None, user_id=None):
        number = len(self.rows["web/events"])
        self.rows["web/events"].append(
            {"event_id": f"e{number}", "event_name": "page_viewed", "occurred_at": at, "anonymous_id": anonymous_id,
             "user_id": user_id}
        )

    def contact(self, at, contact_id, **columns):
        self.rows["crm/contacts"].append({"contact_id": contact_id, "user_id": None, "created_at": at, **columns})

    def order(self, at, **columns):
        number = len(self.rows["shop/orders"])
        self.rows["shop/orders"].append({"order_id": f"o{number}", "user_id": None, "ordered_at": at, **columns})

    def write(self):
        for table, rows in self.rows.items():
            if rows:
                self.warehouse.write(table, rows)

    def identity_map(self, key="identifier_id"):
        return dict(self.warehouse.query(f"select {key}, customer_id from main_intermediate.int_identity_map"))

    def customer(self, identifier_id):
        return self.after[identifier_id]

    def same(self, *identifier_ids):
        return len({self.customer(one) for one in identifier_ids}) == 1


CHAIN_CONTACTS = 99


@pytest.fixture(scope="module")
def people(new_warehouse):
    """One set of raw files with every case, built as of 2026-03-10 and then as of 2026-03-20."""
    people = People(new_warehouse("people"))

    # A chain of 200 links: device - user - e-mail - contact - phone - contact - e-mail - contact - phone ... Each
    # contact shares its e-mail address with the one before and its phone with the one after, or the other way round.
    people.event(DAY, anonymous_id="chain-device", user_id="chain-user")
    people.order(DAY, user_id="chain-user", email="link0@mail.example")
    for number in range(CHAIN_CONTACTS):
        email, phone = f"link{(number + 1) // 2}@mail.example", f"+49151{12345000 + number // 2}"
        people.contact(DAY, f"chain-{number:03}", email=email, phone=phone)

    # A tablet on which three people signed in; each of them also has a device of their own.
    for user in ("ann", "bob", "cid"):
        people.event(DAY, anonymous_id="tablet", user_id=user)
        people.event(DAY, anonymous_id=f"{user}-phone", user_id=user)
    # An info@ address of four people, and one phone of three: more persons than an address may stand for, and just as
    # many as a phone may.
    for number in range(4):
        people.contact(DAY, f"office-{number}", email="info@office.example")
    for number in range(2):
        people.order(DAY, anonymous_id=f"office-desk-{number}", email="info@office.example")
    for number in range(3):
        people.contact(DAY, f"family-{number}", phone="+4915299123456")

    # Colleagues and a household: an account never makes two people one.
    people.rows["crm/accounts"].append({"account_id": "acme"})
    for name in ("dora", "emil"):
        people.contact(DAY, name, user_id=name, email=f"{name}@acme.example", account_id="acme")

    # Two customers until 2026-03-15, when a sign-in shows that they are one. The visitor was seen first. A third
    # device, first seen on the day of the merge, joins too.
    people.event(DAY, anonymous_id="old-device")
    people.event(DAY + datetime.timedelta(days=2), user_id="young-user")
    merged_at = DAY.replace(day=15)
    people.event(merged_at, anonymous_id="old-device", user_id="young-user")
    people.event(merged_at, anonymous_id="new-device", user_id="young-user")

    # Just before the first as_of, and at it.
    people.event(datetime.datetime(2026, 3, 9, 23, 59, 59, 999999), anonymous_id="last-moment")
    people.event(datetime.datetime(2026, 3, 10), anonymous_id="midnight")

    # Two that merge although an identifier that is older than both comes between them.
    people.event(DAY.replace(day=3), anonymous_id="left-device", user_id="left")
    people.event(DAY.replace(day=2), anonymous_id="right-device", user_id="right")
    people.contact(DAY.replace(day=16), "bridge-1", user_id="left", phone="+4915388123456")
    people.contact(DAY.replace(day=16), "bridge-2", user_id="right", phone="+4915388123456")

    # What cannot be used: the row keeps its other identifier.
    for number, user in enumerate(("placeholder-1", "placeholder-2")):
        people.event(DAY, anonymous_id="00000000-0000-0000-0000-000000000000", user_id=user)
        people.event(DAY, anonymous_id=f"own-{number}", user_id=["undefined", "x" * 10_000][number])
    people.contact(DAY, "looked-at", email="anna@shop.example")
    people.contact(DAY, "look-alike", email="\N{CYRILLIC SMALL LETTER A}nna@shop.example")
    people.contact(DAY, "composed", email="andr\N{LATIN SMALL LETTER E WITH ACUTE}@shop.example")
    people.contact(DAY, "decomposed", email="andre\N{COMBINING ACUTE ACCENT}@shop.example")
    for number in (1, 2):
        people.contact(DAY, f"national-{number}", phone="030 1234567")

    people.write()
    people.warehouse.build("+int_identity_map", as_of="2026-03-10")
    people.before = people.identity_map()
    people.warehouse.build("+int_identity_map", "+identity_health", "+customer_identifiers", as_of="2026-03-20")
    people.after, people.by_key = people.identity_map(), people.identity_map("identifier_key")
    return people


def test_a_chain_of_200_links_is_one_customer(people):
    edges = people.warehouse.query(
        "select left_identifier_id, right_identifier_id from main_intermediate.int_identity_edges where is_used"
    )
    graph = networkx.Graph(edges)
    ends = "anonymous_id:chain-device", f"phone:{sha256(f'+49151{12345000 + (CHAIN_CONTACTS - 1) // 2}')}"
    assert networkx.shortest_path_length(graph, *ends) == 200, "the test's own premise"
    members = networkx.node_connected_component(graph, ends[0])
    assert people.same(*members)
    # All were first seen at once: the first in text order gives the name, and nobody else has it.
    name = customer_key("anonymous_id:chain-device")
    assert [one for one in people.after.values() if one == name] == [name] * 201


def test_a_shared_device_or_address_merges_nobody(people):
    for user in ("ann", "bob", "cid"):
        assert people.same(f"user_id:{user}", f"anonymous_id:{user}-phone")
    assert len({people.customer(f"user_id:{user}") for user in ("ann", "bob", "cid")}) == 3
    assert people.customer("anonymous_id:tablet") == customer_key("anonymous_id:tablet")
    offices = {people.customer(f"contact_id:office-{number}") for number in range(4)}
    assert len(offices) == 4
    assert people.customer("email:" + sha256("info@office.example")) not in offices
    assert not people.same("anonymous_id:office-desk-0", "anonymous_id:office-desk-1")
    assert people.same(*(f"contact_id:family-{number}" for number in range(3)))


def test_an_account_merges_nobody(people):
    assert not people.same("user_id:dora", "user_id:emil")
    assert not [one for one in people.after if one.startswith("account_id:")]


@pytest.mark.parametrize(
    ("older", "younger"),
    [("anonymous_id:old-device", "user_id:young-user"), ("anonymous_id:right-device", "anonymous_id:left-device")],
)
def test_the_older_customer_survives_a_merge(people, older, younger):
    survivor, former = people.before[older], people.before[younger]
    assert survivor != former, "two customers before"
    assert people.customer(older) == people.customer(younger) == survivor
    # Whoever holds the former id finds the survivor: it is the key of one of the survivor's identifiers.
    assert people.by_key[former] == survivor


def test_the_mart_records_what_was_merged_and_when(people):
    """(identifier, the customer it was, since when it is not that one any more), worked out by hand."""
    rows = people.warehouse.query("""
        select identifier_type || ':' || identifier_value, customer_id, former_customer_id, merged_at
        from customer_identifiers
    """)
    recorded = {identifier_id: rest for identifier_id, *rest in rows}
    sign_in, bridge = DAY.replace(day=15), DAY.replace(day=16)
    phone = "phone:" + sha256("+4915388123456")
    worked = {
        # Seen first on its own, it gives the name and was never merged.
        "anonymous_id:old-device": ("old-device", None),
        "user_id:young-user": ("old-device", sign_in),
        # There from the moment it was first seen.
        "anonymous_id:new-device": ("old-device", sign_in),
        "anonymous_id:right-device": ("right-device", None),
        "user_id:right": ("right-device", DAY.replace(day=2)),
        # Together since the third, with the older one since the sixteenth.
        "anonymous_id:left-device": ("right-device", bridge),
        "user_id:left": ("right-device", bridge),
        "contact_id:bridge-1": ("right-device", bridge),
        phone: ("right-device", bridge),
    }
    for identifier_id, (name, merged_at) in worked.items():
        customer_id = customer_key(f"anonymous_id:{name}")
        former = None if merged_at is None else customer_key(identifier_id)
        assert recorded[identifier_id] == [customer_id, former, merged_at], identifier_id


def test_a_past_day_after_a_later_one_is_that_day(people):
    """Edges that were not there yet vanish again: an update like any other."""
    try:
        people.warehouse.build("+int_identity_map", as_of="2026-03-10")
        assert people.identity_map() == people.before
    finally:
        people.warehouse.build("+int_identity_map", as_of="2026-03-20")
    assert people.identity_map() == people.after


def test_bad_identifiers_link_nobody_and_are_counted(people):
    assert not people.same("user_id:placeholder-1", "user_id:placeholder-2")
    assert not people.same("contact_id:look-alike", "contact_id:looked-at")
    assert people.same("contact_id:composed", "contact_id:decomposed")
    assert not people.same("contact_id:national-1", "contact_id:national-2")
    assert max(map(len, people.after)) < 100, "no identifier of 10,000 characters"
    health = {
        name: (status, found)
        for name, status, found in people.warehouse.query("select check_name, status, found_count from identity_health")
    }
    assert health["unusable_ids"][1] == 4
    assert health["unusable_emails"] == ("pass", 0)
    assert health["mixed_script_emails"] == ("warn", 1)
    assert health["unusable_phones"][1] == 2
    assert health["shared_anonymous_ids"][1] == 1
    assert health["shared_emails"][1] == 1
    assert health["shared_phones"] == ("pass", 0)
    # The chain of 200 links is one, on purpose.
    assert health["oversized_customers"] == ("warn", 1)
    assert people.warehouse.column(
        "select most_count from identity_health where check_name = 'oversized_customers'"
    ) == [201]
    assert people.warehouse.column(
        "select identifier_id from main_intermediate.int_identity_shared_identifiers order by identifier_id"
    ) == ["anonymous_id:tablet", "email:" + sha256("info@office.example")]


def test_every_former_customer_is_found_again(people):
    """No id that was ever given out points into the void, and none points at two customers."""
    assert set(people.before) <= set(people.after)
    for identifier_id, former in people.before.items():
        assert people.by_key[former] == people.after[identifier_id]


def test_nothing_from_as_of_on_is_known(people):
    assert "anonymous_id:last-moment" in people.before
    assert "anonymous_id:midnight" not in people.before
    assert "anonymous_id:new-device" not in people.before
    assert people.customer("anonymous_id:new-device") == people.before["anonymous_id:old-device"]
