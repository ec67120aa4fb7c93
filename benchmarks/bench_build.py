"""Measure a build from nothing and the refresh of a day: python benchmarks/bench_build.py [events ...]

See README.md in this folder for what the figures mean.
"""

import argparse
import collections
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.project import raw_files  # noqa: E402


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
    """Wall and CPU seconds, the best of three, so that the disk's cache is warm for it as it is for the build."""
    with duckdb.connect() as connection:
        connection.execute(f"set threads = {threads}")
        times = []
        for _ in range(3):
            started, worked = time.perf_counter(), time.process_time()
            # Into a table, as a model would: fetching the rows into Python would measure Python.
            connection.execute(f"create or replace temporary table users as {FLOOR.format(raw=raw)}")
            times.append((time.perf_counter() - started, time.process_time() - worked))
    return min(times)


def run_dbt(folder, *arguments):
    """One run of dbt in a process of its own: wall seconds, CPU seconds and peak resident bytes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    code = subprocess.run(
        [sys.executable, "-W", "ignore::RuntimeWarning:runpy", "-m", "dbt.cli.main", *arguments, "--quiet"],
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
        sys.exit(f"dbt {arguments[0]} ended with {code}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # Linux counts in kilobytes, macOS in bytes. It is the largest of all children so far; there is one of note.
    peak = after.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return wall, cpu, peak


def build_demo(folder, raw, *scale, as_of):
    """A build from nothing as of a day, in `folder`, of a demo that is there already or is made at a scale: as run_dbt."""
    shutil.copy(ROOT / "profiles.yml.example", folder / "profiles.yml")
    place = folder / "raw"
    if raw and not place.exists():
        place.symlink_to(raw.resolve())
    if not raw_files(place):
        # In a process of its own: what it takes is none of the build's.
        subprocess.run([sys.executable, "-m", "tools.demo", *scale, "--raw", str(place)], cwd=ROOT, check=True)
    (folder / "tessera.duckdb").unlink(missing_ok=True)
    return run_dbt(
        folder, "build", "--exclude-resource-type", "test", "unit_test", "--vars", f"{{as_of: '{as_of}'}}"
    )


def seconds_by_room(folder, most=5):
    """{room: (seconds, nodes)} of the latest build, and the slowest nodes, all of them for None; a room is a folder of
    models/. Two threads overlap: the sum is more than the wall time."""
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
    slowest = sorted(results, key=lambda result: -result["execution_time"])[:most]
    return rooms, [(result["unique_id"].split(".")[2], result["execution_time"]) for result in slowest]


def count_rows(raw, table):
    with duckdb.connect() as connection:
        return connection.execute(
            f"select count(*) from read_parquet('{raw}/{table}/*.parquet', union_by_name = true)"
        ).fetchone()[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("events", type=int, nargs="*", default=[1_000_000, 10_000_000], help="sizes (1 and 10 million)")
    parser.add_argument("--raw", type=Path, help="a demo that `python -m tools.demo --events` made, in place of `events`")
    parser.add_argument("--history", action="store_true", help="ask what a refresh costs after half as many days")
    parser.add_argument("--folder", type=Path, help="work here and keep what was made (default: a temporary folder)")
    options = parser.parse_args()

    folder = (options.folder or Path(tempfile.mkdtemp(prefix="bench-build-"))).resolve()
    measured = []
    try:
        for events in [None] if options.raw else options.events:
            place = folder / str(events or "given")
            raw = options.raw or place / "demo"
            if not options.raw:
                # In a process of its own: what it takes is none of the build's.
                subprocess.run([sys.executable, "-m", "tools.demo", "--events", str(events), "--raw", str(raw)],
                               cwd=ROOT, check=True)
            measured.append(measure(place, raw.resolve()))
            if options.history:
                events, _, day = measure(place, raw.resolve(), since=middle_day(raw))
                print(f"\na refresh after {measured[-1][0]:,} events takes {measured[-1][2] / day:.2f} times the CPU "
                      f"seconds of one after the {events:,} of the later half of the days")
            if not options.folder:
                shutil.rmtree(place)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    for (events, first, refresh), (more, later_first, later_refresh) in zip(measured, measured[1:]):
        print(f"\nfrom {events:,} to {more:,} events CPU seconds grow with the power "
              f"{math.log(later_first / first, more / events):.2f} of events for a build from nothing, "
              f"{math.log(later_refresh / refresh, more / events):.2f} for the refresh")


def lay_out(raw, folder, since=""):
    """The demo's files as links, without events from before a date."""
    shutil.rmtree(folder, ignore_errors=True)
    for file in raw.rglob("*.parquet"):
        if file.parent.name == "events" and file.stem[-10:] < since:
            continue
        link = folder / file.relative_to(raw)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(file)


def middle_day(demo):
    """The day in the middle between the first file of events and the last."""
    first, *_, last = sorted(date.fromisoformat(file.stem[-10:]) for file in (demo / "web" / "events").iterdir())
    return str(first + (last - first) / 2)


def measure(folder, demo, since=""):
    """Prints what the builds of a demo take; the number of events, and CPU seconds from nothing and for a day."""
    shutil.rmtree(folder / "target", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "profiles.yml.example", folder / "profiles.yml")
    database = folder / "tessera.duckdb"
    database.unlink(missing_ok=True)
    raw = folder / "raw"
    lay_out(demo, raw, since)
    events, touches = count_rows(raw, "web/events"), count_rows(raw, "ads/touches")
    threads = 2  # as in profiles.yml.example
    floor, floor_cpu = floor_seconds(raw, threads)
    print(f"\n{events:,} events, {touches:,} touches; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"floor, one aggregate by user over four columns: {floor:.2f} s wall, {floor_cpu:.2f} s CPU")
    last = max((raw / "web" / "events").iterdir())
    held_back = last.rename(raw / last.name)
    day, launch = last.stem[-10:], "2026-04-01"
    run_dbt(folder, "parse")

    def tell(name, as_of):
        wall, cpu, peak = run_dbt(
            folder, "build", "--exclude-resource-type", "test", "unit_test", "--vars", f"{{as_of: '{as_of}'}}"
        )
        rooms, slowest = seconds_by_room(folder)
        print(f"{name}: {wall:.1f} s wall, {cpu:.1f} s CPU, peak {peak / 2**20:,.0f} MB, database "
              f"{database.stat().st_size / 2**20:,.0f} MB; {wall / floor:.1f} times the floor's wall time, "
              f"{cpu / floor_cpu:.1f} times its CPU time")
        for room, (seconds, count) in sorted(rooms.items(), key=lambda item: -item[1][0])[:12]:
            print(f"  {room:<28}{seconds:8.2f} s  {count:>4} nodes")
        print("  slowest: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in slowest), flush=True)
        return wall, cpu

    wall, cpu = tell(f"from nothing, as of {day}", day)
    held_back.rename(last)
    day_wall, day_cpu = tell(f"refresh with the events of {day}, as of {launch}", launch)
    print(f"the refresh takes 1/{wall / day_wall:.1f} of the wall time and 1/{cpu / day_cpu:.1f} of the CPU time")
    return events, cpu, day_cpu


if __name__ == "__main__":
    main()
