"""Measure `dbt build` on a demo of a given size: python benchmarks/bench_build.py [customers]

See README.md in this folder for what the figures mean.
"""

import argparse
import collections
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.demo.generate import LAUNCH, Request, generate  # noqa: E402

# What a build at least has to do: read the events once and add up four columns by user. The columns are those that the
# daily rollup reads.
FLOOR = """
    select
        coalesce(user_id, anonymous_id) as who, count(*), count(distinct event_name), max(occurred_at),
        sum(value_amount)
    from read_parquet('{raw}/web/events/*.parquet', union_by_name = true)
    group by coalesce(user_id, anonymous_id)
"""


def floor_seconds(raw, threads):
    """The best of five, so that the disk's cache is warm for it as it is for the build."""
    with duckdb.connect() as connection:
        connection.execute(f"set threads = {threads}")
        times = []
        for _ in range(5):
            started = time.perf_counter()
            # Into a table, as a model would: fetching the rows into Python would measure Python.
            connection.execute(f"create or replace temporary table users as {FLOOR.format(raw=raw)}")
            times.append(time.perf_counter() - started)
    return min(times)


def run_dbt(folder, arguments):
    """One build in a process of its own: wall seconds, CPU seconds and peak resident bytes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    code = subprocess.run(
        [sys.executable, "-W", "ignore::RuntimeWarning:runpy", "-m", "dbt.cli.main", "build", "--quiet", *arguments],
        cwd=ROOT,
        env=os.environ | {
            "TESSERA_RAW": str(folder / "raw"),
            "TESSERA_DATABASE": str(folder / "tessera.duckdb"),
            "DBT_PROFILES_DIR": str(folder),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
    ).returncode
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if code:
        sys.exit(f"dbt build ended with {code}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # Linux counts in kilobytes, macOS in bytes. It is the largest of all children so far; there is one of note.
    peak = after.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return wall, cpu, peak


def seconds_by_room(folder):
    """{room: (seconds, nodes)} of the latest build; a room is a folder of models/. Two threads overlap: the sum is more
    than the wall time."""
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    nodes = json.loads((folder / "target" / "manifest.json").read_text())["nodes"]
    rooms = collections.defaultdict(lambda: [0.0, 0])
    for result in results:
        node = nodes.get(result["unique_id"], {})
        kind = result["unique_id"].split(".")[0]
        room = {"seed": "seeds", "operation": "hooks"}.get(kind, "tests")
        if kind == "model":
            top, second = node["original_file_path"].split("/")[1:3]
            room = top if top in ("staging", "segments") else f"{top}/{second}"
        rooms[room][0] += result["execution_time"]
        rooms[room][1] += 1
    slowest = sorted(results, key=lambda result: -result["execution_time"])[:5]
    return rooms, [(result["unique_id"].split(".")[2], result["execution_time"]) for result in slowest]


def count_rows(raw, table):
    with duckdb.connect() as connection:
        return connection.execute(
            f"select count(*) from read_parquet('{raw}/{table}/*.parquet', union_by_name = true)"
        ).fetchone()[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("customers", type=int, nargs="?", default=20_000)
    parser.add_argument("--with-tests", action="store_true", help="build with all dbt tests, as `make build` does")
    parser.add_argument("--folder", type=Path, help="work here and keep what was made (default: a temporary folder)")
    options = parser.parse_args()

    folder = (options.folder or Path(tempfile.mkdtemp(prefix="bench-build-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        measure(folder, options)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)


def measure(folder, options):
    shutil.copy(ROOT / "profiles.yml.example", folder / "profiles.yml")
    raw = folder / "raw"
    generate(Request(raw=raw, customers=options.customers, seed=1))
    (folder / "tessera.duckdb").unlink(missing_ok=True)

    arguments = ["--vars", f"{{as_of: '{LAUNCH}'}}"]
    if not options.with_tests:
        arguments += ["--exclude-resource-type", "test", "unit_test"]
    events = count_rows(raw, "web/events")
    threads = 2  # as in profiles.yml.example
    floor = floor_seconds(raw, threads)
    runs = [("first build, which parses the project", run_dbt(folder, arguments)),
            ("second build, nothing to parse", run_dbt(folder, arguments))]
    rooms, slowest = seconds_by_room(folder)

    print(f"\n{options.customers:,} customers, {events:,} events, as of {LAUNCH}, "
          f"{'with' if options.with_tests else 'without'} tests, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, (wall, cpu, peak) in runs:
        print(f"{name}: {wall:.1f} s wall, {cpu:.1f} s CPU, peak {peak / 2**20:,.0f} MB, {events / wall:,.0f} events/s")
    wall = runs[-1][1][0]
    busy = sum(seconds for seconds, _ in rooms.values())
    print(f"floor, one aggregate by user over four columns: {floor:.3f} s; the second build takes {wall / floor:,.0f} times "
          f"as long, its statements {busy / floor:,.0f} times")
    print("seconds by room, second build:")
    for room, (seconds, count) in sorted(rooms.items(), key=lambda item: -item[1][0]):
        print(f"  {room:<28}{seconds:8.2f} s  {count:>4} nodes")
    print("slowest: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in slowest))
    size = (folder / "tessera.duckdb").stat().st_size
    print(f"database: {size / 2**20:,.0f} MB")


if __name__ == "__main__":
    main()
