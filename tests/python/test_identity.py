"""Who is one person: connected components against networkx, and whole chains through raw files."""

import csv
import datetime
import hashlib
import random
import re

import networkx
import pytest

DAY = datetime.datetime(2026, 3, 1, 12)
RANDOM_GRAPHS = 72
CHAIN_LINKS = 10_000


# ---- The materialization, alone ---------------------------------------------------------------------------------


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
        # Text order, in which '10' comes before '9', names a component.
        "text order": path(["9", "10", "a", "B", "b"]),
    }
    return {name: [(f"{name}/{a}", f"{name}/{b}") for a, b in edges] for name, edges in graphs.items()}


class Components:
    """The model int_identity_components with its query replaced, so that the materialization runs on given edges."""

    def __init__(self, warehouse, folder):
        self.warehouse = warehouse
        self.file = folder / "edges.csv"
        # A project without a single raw file refuses to run.
        warehouse.write("shop/products", [{"product_id": "p"}])
        node = warehouse.manifest.nodes["model.tessera.int_identity_components"]
        node.raw_code = (
            "{{ config(materialized='connected_components') }} select left_vertex, right_vertex "
            f"from read_csv('{self.file}', header = true, delim = ',', quote = '\"', escape = '\"', "
            "columns = {left_vertex: 'varchar', right_vertex: 'varchar'})"
        )
        node.depends_on.nodes = []
        node.refs = []

    def of(self, edges):
        """{vertex: component} and the number of rounds of contraction."""
        with self.file.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("left_vertex", "right_vertex"), *edges])
        rounds = set()

        def listen(event):
            if event.info.name == "SQLQuery":
                rounds.update(re.findall(r"create or replace temporary table \w+__steps_(\d+)", event.data.sql))

        result = self.warehouse.dbt("run", "--select", "int_identity_components", callbacks=[listen])
        assert result.success, self.warehouse.problems(result)
        rows = self.warehouse.query("select vertex, component from main_intermediate.int_identity_components")
        found = dict(rows)
        assert len(found) == len(rows), "one row per vertex"
        return found, len(rounds)


def expected_components(edges):
    components = {}
    for members in networkx.connected_components(networkx.Graph(edges)):
        components |= dict.fromkeys(members, min(members))
    return components


@pytest.fixture(scope="module")
def components(new_warehouse, tmp_path_factory):
    return Components(new_warehouse("components"), tmp_path_factory.mktemp("edges"))


def test_components_are_those_of_networkx(components):
    graphs = all_graphs()
    found, rounds = components.of([edge for edges in graphs.values() for edge in edges])
    wrong, vertices = [], 0
    for name, edges in graphs.items():
        expected = expected_components(edges)
        vertices += len(expected)
        if {vertex: found.get(vertex) for vertex in expected} != expected:
            wrong.append(name)
    assert not wrong
    assert len(found) == vertices
    assert 0 < rounds <= 40


@pytest.mark.parametrize("edges", [[], [("a", "a"), ("b", "b")], [("b", "a")]], ids=["none", "loops", "one"])
def test_components_of_next_to_nothing(components, edges):
    found, rounds = components.of(edges)
    assert found == expected_components(edges)
    assert rounds == len({edge for edge in edges if edge[0] != edge[1]})


def test_a_chain_named_in_its_own_order_takes_few_rounds(components):
    """Where neighbours' names follow each other, a multiplier that is small against the prime keeps that order: most
    vertices then step the same way, and a round takes away one vertex of a long run."""
    names = [f"{number:06}" for number in range(201)]
    found, rounds = components.of(path(names))
    assert set(found.values()) == {names[0]}
    assert rounds <= 16


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

    people.write()
    people.warehouse.build("+int_identity_map", as_of="2026-03-10")
    people.before = people.identity_map()
    people.warehouse.build("+int_identity_map", as_of="2026-03-20")
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
