"""Measure connected components on the same edges: ours, scipy's and networkx's; and an update against a run from the
beginning: python benchmarks/bench_identity.py [identifiers]

See README.md in this folder for what the figures mean.
"""

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import measuring
import numpy
from measuring import Clock

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "python"))

THREADS = 2  # as in profiles.yml.example
SETTINGS = f"""
    set threads = {THREADS};
    set preserve_insertion_order = false;
    set disabled_optimizers = 'build_side_probe_side,outer_join_simplification'
"""
EDGES_PER_IDENTIFIER = 1.5
NEW = 0.01


def write_edges(folder, identifiers, seed=1):
    """Edges as text with times. Of the identifiers a tenth each is one chain in random order, one chain in the order of
    time, and one star; of the rest five are a person, with repeated and crossing sightings, and one in fifty of the
    remaining edges connects two persons. `is_new` marks as many edges as 1 % of all, among persons; `is_any_new` 1 % of
    all."""
    chance = numpy.random.default_rng(seed)
    tenth = identifiers // 10
    shuffled = chance.permutation(tenth)
    persons = numpy.arange(3 * tenth, identifiers)
    first = persons - (persons - 3 * tenth) % 5
    parts = [
        (shuffled[:-1], shuffled[1:]),
        (numpy.arange(tenth, 2 * tenth - 1), numpy.arange(tenth + 1, 2 * tenth)),
        (numpy.full(tenth - 1, 2 * tenth), numpy.arange(2 * tenth + 1, 3 * tenth)),
        (first[first != persons], persons[first != persons]),
    ]
    more = int(identifiers * EDGES_PER_IDENTIFIER) - sum(len(one) for one, _ in parts)
    one = chance.choice(persons, more)
    other = numpy.minimum(one - (one - 3 * tenth) % 5 + chance.integers(0, 5, more), identifiers - 1)
    other = numpy.where(chance.random(more) < 0.02, chance.choice(persons, more), other)
    parts.append((one, other))
    left, right = (numpy.concatenate([part[side] for part in parts]) for side in (0, 1))
    seconds = chance.integers(0, 90 * 86400, len(left))
    in_order = slice(tenth - 1, 2 * (tenth - 1))
    seconds[in_order] = numpy.sort(seconds[in_order])
    any_new = chance.random(len(left)) < NEW
    new = (chance.random(len(left)) < NEW * len(left) / more) & (numpy.arange(len(left)) >= len(left) - more)
    columns = numpy.stack([left, right, seconds, new, any_new], axis=1)
    numpy.savetxt(folder / "edges.csv", columns, fmt="%d", delimiter=",")
    with duckdb.connect() as connection:
        # Names as long as those of devices, in an order that says nothing about the shape.
        name = "'anonymous_id:' || md5(cast({} as varchar))"
        connection.execute(f"""
            copy (
                select
                    {name.format('one')} as left_vertex, {name.format('other')} as right_vertex,
                    timestamp '2026-01-01' + to_seconds(seconds) as seen_at,
                    is_new = 1 as is_new, is_any_new = 1 as is_any_new
                from read_csv('{folder / "edges.csv"}', header = false,
                    names = ['one', 'other', 'seconds', 'is_new', 'is_any_new'])
            ) to '{folder / "edges.parquet"}' (format parquet)
        """)


# --- What is measured, each in a process of its own ------------------------------------------------------------------


class Ours:
    """The statements that the materialization runs, on a database in a file."""

    def __init__(self, folder):
        from sql_macros import StatementMacros

        path = folder / f"ours-{os.getpid()}.duckdb"
        path.unlink(missing_ok=True)
        self.connection = duckdb.connect(str(path))
        self.connection.execute(SETTINGS)
        self.macros = StatementMacros(
            self.connection, "macros/engine/tables/scratch_tables.sql", "macros/materializations/components.sql"
        )

    def see(self, folder, which):
        """What the model selects: edges, and every identifier with its first sight. Not measured."""
        self.connection.execute(f"""
            create or replace table seen as
            with edges as (select * from read_parquet('{folder / "edges.parquet"}') where {which}),
            ends as (select left_vertex as vertex, seen_at from edges union all select right_vertex, seen_at from edges)
            select left_vertex, right_vertex, seen_at from edges
            union all
            select vertex, vertex, min(seen_at) from ends group by vertex
        """)
        self.connection.execute("checkpoint")

    def run(self, is_known):
        """Seconds; `seen` stands for the view that the materialization lays over the model."""
        started = Clock()
        if is_known:
            self.macros.find_touched_components("seen", "known_edges", "components", "x_")
            self.connection.execute("begin")
            self.macros.update_components("components", "known_edges", "x_")
            self.connection.execute("commit")
        else:
            self.macros.find_components("seen", "x_")
            self.connection.execute("create table components as select * from x_found")
            self.connection.execute("create table known_edges as select distinct * from seen")
        return started.seconds()

    def touched(self):
        return self.connection.execute("select count(*) from x_touched").fetchone()[0]


def ours(folder):
    one = Ours(folder)
    one.see(folder, "true")
    seconds = one.run(is_known=False)
    one.connection.execute(f"copy components to '{folder / 'ours.parquet'}' (format parquet)")
    return seconds | {"statements": len(one.macros.statements)}


def update(folder, column):
    """The outcome of an update is compared with that of the run from the beginning row by row."""
    one = Ours(folder)
    one.see(folder, f"not {column}")
    one.run(is_known=False)
    one.see(folder, "true")
    seconds = one.run(is_known=True)
    differing = one.connection.execute(
        f"select count(*) from (select * from components except select * from '{folder / 'ours.parquet'}')"
    ).fetchone()[0]
    return seconds | {"touched": one.touched(), "is_same": differing == 0}


def read_names(folder):
    with duckdb.connect() as connection:
        rows = connection.execute(f"select left_vertex, right_vertex from '{folder / 'edges.parquet'}'").fetchnumpy()
    return [rows[column].tolist() for column in ("left_vertex", "right_vertex")]


def write_partition(folder, name, vertices, labels):
    numpy.savez(folder / f"{name}.npz", vertices=numpy.array(vertices), labels=numpy.asarray(labels))


def scipy(folder):
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    left, right = read_names(folder)
    started = Clock()
    numbers = {}
    rows = numpy.fromiter((numbers.setdefault(name, len(numbers)) for name in left), dtype=numpy.int64)
    columns = numpy.fromiter((numbers.setdefault(name, len(numbers)) for name in right), dtype=numpy.int64)
    numbered = Clock()
    ones = numpy.ones(len(rows), dtype=numpy.int8)
    _, labels = connected_components(coo_array((ones, (rows, columns)), shape=(len(numbers),) * 2), directed=False)
    seconds = started.seconds() | {"on_numbers": numbered.seconds()["wall"]}
    write_partition(folder, "scipy", list(numbers), labels)
    return seconds


def networkx(folder):
    import networkx

    left, right = read_names(folder)
    started = Clock()
    graph = networkx.Graph()
    graph.add_edges_from(zip(left, right))
    labels = {}
    for number, members in enumerate(networkx.connected_components(graph)):
        labels.update(dict.fromkeys(members, number))
    seconds = started.seconds()
    write_partition(folder, "networkx", list(labels), list(labels.values()))
    return seconds


ROLES = {
    "ours": ours,
    "scipy": scipy,
    "networkx": networkx,
    "update_none": lambda folder: update(folder, "(seen_at is null)"),
    "update": lambda folder: update(folder, "is_new"),
    "update_any": lambda folder: update(folder, "is_any_new"),
}


UPDATES = {
    "update_none": "no new edge",
    "update": "1 % new edges among persons",
    "update_any": "1 % new edges anywhere, also in the chains and the star",
}


def in_a_process(role, folder):
    """What the role measured, with the peak of its process."""
    command = [sys.executable, __file__, "--role", role, "--folder", str(folder)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def same_partition(folder, name):
    """Whether the components of ours are those of another: each of one is just one of the other."""
    given = numpy.load(folder / f"{name}.npz")
    with duckdb.connect() as connection:
        connection.execute(
            "create table given as select unnest($1) as vertex, unnest($2) as label",
            [given["vertices"].tolist(), given["labels"].tolist()],
        )
        counts = connection.execute(f"""
            select
                count(*), (select count(*) from given), count(distinct (ours.component, given.label)),
                count(distinct ours.component), count(distinct given.label)
            from '{folder / "ours.parquet"}' as ours
            full join given on ours.vertex = given.vertex
        """).fetchone()
    return counts[0] == counts[1] and counts[2] == counts[3] == counts[4], counts[3]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("identifiers", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--folder", type=Path, help="work here and keep what was made (default: a temporary folder)")
    parser.add_argument("--role", choices=ROLES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role:
        result = ROLES[options.role](options.folder)
        result["peak"] = measuring.peak()
        print(json.dumps(result))
        return
    if options.identifiers < 1000:
        sys.exit("The benchmark needs 1000 identifiers or more.")
    folder = (options.folder or Path(tempfile.mkdtemp(prefix="bench-identity-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        measure(folder, options.identifiers)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)


def figures(result, full=None):
    """Seconds and peak, and ours beside them."""
    text = f"{result['wall']:.2f} s wall, {result['cpu']:.2f} s CPU, peak {result['peak'] / 2**20:,.0f} MB"
    if full:
        text += "; ours takes " + ", ".join(
            f"{full[key] / result[key]:.2f} times {words}"
            for key, words in (("wall", "its wall time"), ("cpu", "its CPU time"), ("peak", "its memory"))
        )
    return text


def measure(folder, identifiers):
    write_edges(folder, identifiers)
    print(f"{identifiers:,} identifiers, {int(identifiers * EDGES_PER_IDENTIFIER):,} edges, "
          f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    full = in_a_process("ours", folder)
    print(f"ours, components and merge times, {full['statements']} statements: {figures(full)}", flush=True)
    good = True
    for name in ("scipy", "networkx"):
        if importlib.util.find_spec(name) is None:
            print(f"{name}: not installed here, left out")
            continue
        other = in_a_process(name, folder)
        is_same, components = same_partition(folder, name)
        on_numbers = f" ({other['on_numbers']:.2f} s of it on numbers)" if "on_numbers" in other else ""
        print(f"{name}, components{on_numbers}: {figures(other, full)}; "
              + (f"the same {components:,} components" if is_same else "OTHER COMPONENTS"), flush=True)
        good = good and is_same
    for role, words in UPDATES.items():
        result = in_a_process(role, folder)
        print(f"update, {words}: {result['wall']:.2f} s wall, {result['cpu']:.2f} s CPU; "
              f"{result['wall'] / full['wall']:.2f} of the full run's wall time, {result['cpu'] / full['cpu']:.2f} of "
              f"its CPU time; {result['touched']:,} identifiers looked at again; "
              + ("the same rows" if result["is_same"] else "OTHER ROWS"), flush=True)
        good = good and result["is_same"]
    if not good:
        sys.exit("The outcomes differ.")


if __name__ == "__main__":
    main()
