"""`make export`: one file for each batch of audience changes, and a manifest. It reads the marts and changes nothing.

Every file is written aside and moved into place whole, and the manifest last: whoever reads the files that the manifest
names never reads half of one. The same batches give the same bytes.
"""

import argparse
import json
import os
import re
import sys
from pathlib import Path

import duckdb

from tools import project

MANIFEST = "manifest.json"
COLUMNS = "operation, email_sha256, phone_sha256, first_name_sha256, last_name_sha256, country, postal_code"
# As project.written_whole calls them until they are whole.
UNFINISHED = re.compile(r"\.(manifest\.json|.*-b_\w+\.(csv|parquet))\.(?P<process>\d+)\.tmp")
OPTIONS = {"csv": "format csv, header true", "parquet": "format parquet, compression zstd"}

# A batch that the memory does not know could not be understood when its destination reports on it.
BATCHES = """
    select
        changes.destination_key,
        changes.segment_id,
        changes.batch_id,
        changes.follows_batch_id,
        cast(cast(changes.as_of as date) as text) as as_of,
        count(*) as row_count,
        count(*) filter (where changes.operation = 'add') as add_count,
        count(*) filter (where changes.operation = 'remove') as remove_count,
        bool_or(memory.batch_id is not null) as is_remembered
    from main.audience_changes as changes
    left join main_intermediate.int_audience_batch_rows as memory
        on changes.batch_id = memory.batch_id and memory.operation = 'batch'
    group by all
    order by all
"""
BIDS = """
    select destination_key, segment_id, cast(max(bid_modifier) as double) as bid_modifier
    from main.audience_members
    where bid_modifier is not null
    group by all
    order by all
"""
DESTINATIONS = """
    select destination_key, platform, min_audience_size
    from main_configuration.destinations
    order by destination_key
"""
PLACEMENTS = """
    select destination_key, placement_type, placement, reason
    from main_configuration.blocked_placements
    order by all
"""
WITHHELD = """
    select destination_key, segment_id, count(*)
    from main.audience_exclusions
    where reason = 'audience_too_small'
    group by all
    order by all
"""


class CannotExport(Exception):
    """Something the user can put right; the message says what."""


def file_name(destination: str, segment: str, batch: str, extension: str) -> str:
    """Folder and name of a batch's file. Names that people choose may hold anything; the batch's id tells two apart."""
    folder, stem = (re.sub(r"[^A-Za-z0-9_.@-]+", "-", name).strip(".-") for name in (destination, segment))
    return f"{folder or 'destination'}/{stem or 'segment'}-{batch}.{extension}"


def write_batch(connection: duckdb.DuckDBPyConnection, batch: str, extension: str, path: Path) -> str:
    """The file of a batch, and its checksum: rows in one order, whatever order the table has them in. Removals come first: a
    platform takes two addresses for one person, and a former address removed last would take out whom the present one added."""
    with project.written_whole(path) as temporary:
        connection.execute(
            f"copy (select {COLUMNS} from main.audience_changes where batch_id = '{batch}'"
            f" order by operation desc, customer_id, record_number) to {project.sql_text(temporary)} ({OPTIONS[extension]})"
        )
        return project.sha256(temporary)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def clear_unfinished(folder: Path) -> None:
    """Remove what an export that was killed left half written: it holds what a later erasure is to take out."""
    for path in [*folder.glob(".*.tmp"), *folder.glob("*/.*.tmp")]:
        found = UNFINISHED.fullmatch(path.name)
        if found and not is_running(int(found["process"])):
            path.unlink(missing_ok=True)


def files_of(folder: Path) -> set[str]:
    """The files that the manifest in a folder names."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {batch["file"] for destination in manifest["destinations"] for batch in destination["batches"]}
    except FileNotFoundError:
        return set()
    except (ValueError, KeyError, TypeError) as error:
        raise CannotExport(f"{folder / MANIFEST} is no manifest of an export: move it away, or name another folder") from error


def export(connection: duckdb.DuckDBPyConnection, folder: Path, extension: str) -> dict:
    """Write the batches of audience_changes into a folder; the manifest."""
    try:
        batches = connection.execute(BATCHES).fetchall()
        bids = connection.execute(BIDS).fetchall()
        destinations = {
            key: {
                "destination_key": key, "platform": platform, "batches": [], "withheld": [], "bids": [],
                "blocked_placements": [], "min_audience_size": minimum,
            }
            for key, platform, minimum in connection.execute(DESTINATIONS).fetchall()
        }
        placements = connection.execute(PLACEMENTS).fetchall()
        withheld = connection.execute(WITHHELD).fetchall()
    except duckdb.CatalogException as error:
        raise CannotExport(f"build first, there are no audiences in the database ({project.as_line(error)})") from error
    unknown = [batch for _, _, batch, *_, is_remembered in batches if not is_remembered]
    if unknown:
        raise CannotExport(
            f"{len(unknown)} of {len(batches)} batches are not in int_audience_batch_rows, {unknown[0]} among them: the last "
            "build did not come to its end. Build again"
        )
    for place, rows, again in (
        ("seeds/blocked_placements.csv", placements, ""), ("the mart audience_exclusions", withheld, ": build again")
    ):
        strangers = sorted({destination for destination, *_ in rows} - destinations.keys())
        if strangers:
            raise CannotExport(
                f"{place} names the destination {strangers[0]}, which seeds/destinations.csv does not have{again}"
            )
    former = files_of(folder)
    # A destination that left the seed has people to remove all the same.
    for destination, *_ in batches:
        destinations.setdefault(destination, {"destination_key": destination, "batches": []})
    for destination, *blocked in placements:
        destinations[destination]["blocked_placements"].append(
            dict(zip(("placement_type", "placement", "reason"), blocked, strict=True))
        )
    for destination, segment, bid in bids:
        destinations[destination]["bids"].append({"segment_id": segment, "bid_modifier": bid})
    for destination, segment, people in withheld:
        destinations[destination]["withheld"].append({"segment_id": segment, "people": people})
    for destination, segment, batch, follows, as_of, rows, adds, removes, _ in batches:
        name = file_name(destination, segment, batch, extension)
        checksum = write_batch(connection, batch, extension, folder / name)
        destinations[destination]["batches"].append({
            "batch_id": batch, "follows_batch_id": follows, "segment_id": segment, "as_of": as_of, "file": name,
            "rows": rows, "add": adds, "remove": removes, "sha256": checksum,
        })
    manifest = {"format": extension, "destinations": [destinations[key] for key in sorted(destinations)]}
    project.put(folder / MANIFEST, (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode())
    clear_unfinished(folder)
    # What a later batch has followed must not be uploaded any more.
    for name in former - files_of(folder):
        (folder / name).unlink(missing_ok=True)
    return manifest


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.export", description="Write the audience changes to files.")
    parser.add_argument("--to", type=Path, default=Path("data/exports"), help="folder (default: data/exports)")
    parser.add_argument("--format", choices=sorted(OPTIONS), default="csv", help="of the files (default: csv)")
    options = parser.parse_args(arguments)
    path, folder = project.database(), project.ROOT / options.to
    try:
        if not path.exists():
            raise CannotExport(f"there is no database at {path}: build first")
        with duckdb.connect(str(path), read_only=True, config={"threads": 1}) as connection:
            manifest = export(connection, folder, options.format)
    except CannotExport as reason:
        print(f"export: {reason}.", file=sys.stderr)
        return 1
    except duckdb.Error as error:
        print(f"export: {project.one_line(error, path)}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"export: cannot write to {folder}: {error.strerror}", file=sys.stderr)
        return 1
    for destination in manifest["destinations"]:
        rows = sum(batch["rows"] for batch in destination["batches"])
        held = len(destination.get("withheld", []))
        print(
            f"{destination['destination_key']}: {rows:,} changes in {len(destination['batches'])} files"
            + (f", {held} audiences withheld for their size" if held else "")
        )
    print(f"{folder / MANIFEST}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
