"""Does a reader ever meet a publication that is half done?
python benchmarks/bench_publish.py [--publishes N] [--readers N]

The built database is published again and again to a folder of its own, while other processes open the file, or its parquet
files, and ask what a dashboard asks first. Every answer must be of one whole publication. See README.md in this folder.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools import project, publish  # noqa: E402

# The rows that a mart has, beside those that its publication says it has.
OF_FILE = """
    select (select count(*) from segment_memberships), row_count, published_at
    from publication where mart_name = 'segment_memberships'
"""
OF_PARQUET = "select count(*) from '{folder}/segment_memberships.parquet'"


def read(published: Path, is_parquet: bool, stop, answers) -> None:
    queries, errors, seen, slowest = 0, [], set(), 0.0
    while not stop.is_set():
        began = time.perf_counter()
        try:
            if is_parquet:
                with duckdb.connect() as connection:
                    connection.execute(OF_PARQUET.format(folder=publish.folder_of_parquet(published))).fetchall()
            else:
                with duckdb.connect(str(published), read_only=True) as connection:
                    ((found, said, at),) = connection.execute(OF_FILE).fetchall()
                seen.add(at)
                if found != said:
                    errors.append(f"{found} rows, of {said} published at {at}")
        except (duckdb.Error, ValueError) as error:
            errors.append(project.as_line(error))
        queries += 1
        slowest = max(slowest, time.perf_counter() - began)
    answers.put((is_parquet, queries, errors, len(seen), slowest))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--publishes", type=int, default=30)
    parser.add_argument("--readers", type=int, default=2, help="processes that read the file, and as many that read parquet (2)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        published = Path(folder) / "tessera.duckdb"
        print(publish.publish(project.database(), published, project.manifest()))
        spawn = multiprocessing.get_context("spawn")
        stop, answers = spawn.Event(), spawn.Queue()
        readers = [
            spawn.Process(target=read, args=(published, is_parquet, stop, answers))
            for is_parquet in (False, True) for _ in range(options.readers)
        ]
        for reader in readers:
            reader.start()
        seconds = []
        for _ in range(options.publishes):
            began = time.perf_counter()
            publish.publish(project.database(), published, project.manifest())
            seconds.append(time.perf_counter() - began)
        stop.set()
        found = [answers.get() for _ in readers]
        for reader in readers:
            reader.join()
    print(f"{options.publishes} publications, {median(seconds):.2f} s each (median)")
    failed = 0
    for is_parquet, what in ((False, "the file"), (True, "parquet")):
        of = [row for row in found if row[0] == is_parquet]
        errors = [error for row in of for error in row[2]]
        failed += len(errors)
        versions = "" if is_parquet else f", up to {max(row[3] for row in of)} publications seen by one reader"
        print(f"{what}: {sum(row[1] for row in of)} queries, {len(errors)} errors, slowest {max(row[4] for row in of):.2f} s{versions}")
        for error in sorted(set(errors))[:5]:
            print(f"  {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
