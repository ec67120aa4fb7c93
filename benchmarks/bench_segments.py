"""Measure what all segment memberships cost, and what twice as many families would.

    python benchmarks/bench_segments.py [--customers 1000000]

See README.md in this folder for what the figures mean.
"""

import argparse
import contextlib
import io
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import yaml
from bench_build import ROOT, build_demo, seconds_by_room

from tools import dbt_in_process
from tools.project import copy_to

MODELS = ("int_segment_candidates", "segment_memberships")
AS_OF = "2026-04-01"  # the demo's launch, when its history ends


def twice(folder):
    """A copy of the project in which every family stands a second time under another name; its families."""
    copy_to(folder)
    families = sorted(path.stem for path in (folder / "models/segments").glob("*/seg_*.sql"))
    for sql in list((folder / "models/segments").glob("*/seg_*.sql")):
        (described,) = yaml.safe_load(sql.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
        again = {"name": f"{sql.stem}_again", "description": described["description"], "config": described["config"]}
        shutil.copy(sql, sql.with_stem(again["name"]))
        text = yaml.safe_dump({"version": 2, "models": [again]})
        sql.with_name(f"{again['name']}.yml").write_text(text, encoding="utf-8")
    return [family.removeprefix("seg_") + suffix for suffix in ("", "_again") for family in families]


def statements(folder, project, **variables):
    """{table: query} of both models as dbt compiles them, and the CPU seconds that reading the project takes."""
    environment = {
        "TESSERA_RAW": str(folder / "raw"),
        "TESSERA_DATABASE": str(folder / "tessera.duckdb"),
        "DBT_PROFILES_DIR": str(folder),
        "DBT_TARGET_PATH": str(folder / f"target_{project.name}"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        # Else the second reading of the same project reads next to nothing.
        "DBT_PARTIAL_PARSE": "false",
    }
    worked = time.process_time()
    manifest = dbt_in_process.parse(environment, project, **variables)
    worked = time.process_time() - worked
    # It prints what it compiles.
    with contextlib.redirect_stdout(io.StringIO()):
        result = dbt_in_process.invoke(
            manifest, environment, "compile", "--select", *MODELS, project=project, as_of=AS_OF, **variables
        )
    if not result.success:
        sys.exit(dbt_in_process.problems(result))
    found = {one.node.name: (one.node.relation_name, one.node.compiled_code) for one in result.result.results}
    return {found[name][0]: found[name][1] for name in MODELS}, worked


def made(database, queries, threads):
    """Wall and CPU seconds of making both tables, one after the other; segments and memberships in them."""
    with duckdb.connect(str(database), config={"threads": threads}) as connection:
        connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
        connection.execute("set disabled_optimizers = 'build_side_probe_side,outer_join_simplification'")  # as in profiles.yml.example
        started, worked = time.perf_counter(), time.process_time()
        for table, query in queries.items():
            connection.execute(f"create or replace table {table} as {query}")
        took = time.perf_counter() - started, time.process_time() - worked
        counts = connection.execute(f"select count(distinct segment_id), count(*) from {list(queries)[-1]}").fetchone()
    return took, counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000, help="people in the demo (100000; also e.g. 1000000)")
    parser.add_argument("--raw", type=Path, help="a demo that is there already, in place of one of --customers")
    parser.add_argument("--folder", type=Path, help="work here and keep what was made (default: a temporary folder)")
    options = parser.parse_args()
    folder = (options.folder or Path(tempfile.mkdtemp(prefix="bench-segments-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        measure(folder, options)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)


def measure(folder, options):
    database, threads = folder / "tessera.duckdb", 2
    wall, cpu, peak = build_demo(folder, options.raw, "--customers", str(options.customers), as_of=AS_OF)
    _, all_nodes = seconds_by_room(folder, most=None)
    seconds = {name: took for name, took in all_nodes}
    own, whole = sum(seconds[name] for name in MODELS), sum(seconds.values())
    with duckdb.connect(str(database), read_only=True) as connection:
        customers = connection.execute("select count(*) from customers").fetchone()[0]
    print(f"\n{customers:,} customers, known and anonymous; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"a build from nothing: {wall:.1f} s wall, {cpu:.1f} s CPU, peak {peak / 2**20:,.0f} MB")
    print(f"of {whole:.1f} s of nodes in it {' and '.join(MODELS)} take {own:.1f} s: {own / whole:.1%}")

    copy = folder / "twice"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    families = twice(copy)
    statements(folder, ROOT)  # What Python loads for it is counted to neither side.
    sides = {
        "once": (len(families) // 2, *statements(folder, ROOT)),
        "twice": (len(families), *statements(folder, copy, segments=families)),
    }
    best = {}
    # In turn, so that what others do to the machine falls on both.
    for _ in range(3):
        for name, (_, queries, _) in sides.items():
            took, counts = made(database, queries, threads)
            best[name] = min(best.get(name, (took, counts)), (took, counts), key=lambda one: one[0][1])
    for name, (count, _, parsed) in sides.items():
        (took, worked), (segments, members) = best[name]
        print(f"{count} families, {segments:,} segments, {members:,} memberships: {took:.2f} s wall, "
              f"{worked:.2f} s CPU ({worked / cpu:.1%} of the build's CPU); dbt reads the project in {parsed:.1f} s CPU")
    ratio = [best["twice"][0][number] / best["once"][0][number] for number in (0, 1)]
    print(f"twice the families take {ratio[0]:.2f} times the wall time and {ratio[1]:.2f} times the CPU time, for "
          f"{best['twice'][1][1] / best['once'][1][1]:.2f} times the memberships; reading the project takes "
          f"{sides['twice'][2] / sides['once'][2]:.2f} times the CPU time")


if __name__ == "__main__":
    main()
