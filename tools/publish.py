"""Write, audit, publish: what BI tools read is a copy of the public marts, made only after every test has passed.

The copy is a DuckDB file of its own (`TESSERA_PUBLISHED`), so that no reader meets the lock of a build, and beside it one
parquet file a mart, for engines that prefer it. Both are written aside and moved into place when they are whole: whoever
has the former file open reads on in it, and a build that fails leaves it where it is. The table `publication` in both says
which marts there are, as of when, when they were published, how many rows each has and the SHA-256 of its parquet file.
"""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from tools import project
from tools.project import sha256, sql_name, sql_text


class CannotPublish(Exception):
    """A reason, in one line, why nothing was published."""


def public_models(manifest: Path) -> list[dict]:
    """The models that the project offers to others, as dbt wrote them down, by name."""
    try:
        nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    except (OSError, ValueError, KeyError) as error:
        raise CannotPublish(f"{manifest} cannot be read, so it is not known which marts are public: run `make build`.") from error
    found = [node for node in nodes if node["resource_type"] == "model" and node["config"]["access"] == "public"]
    return sorted(found, key=lambda node: node["alias"])


def sync(file: Path) -> None:
    """What a rename shows must be on the disk before it."""
    with open(file, "rb") as handle:
        os.fsync(handle.fileno())


def folder_of_parquet(published: Path) -> Path:
    return published.with_name(published.stem + "_parquet")


def versions(published: Path) -> list[Path]:
    """The folders of parquet files, of this publication and of any that was not cleared, oldest first: their names are
    times."""
    name = folder_of_parquet(published).name
    return sorted(path for path in published.parent.glob(f".{name}-*") if path.is_dir())


def clear(published: Path) -> None:
    """What a publication that was stopped has left: nobody reads it."""
    for left in published.parent.glob(f".{published.name}.part*"):
        # What DuckDB did not hold in memory stands in a folder; the link to the parquet files is none.
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()
    for folder in versions(published):
        if folder.name.endswith(".part"):
            shutil.rmtree(folder)


def publish(database: Path, published: Path, manifest: Path) -> str:
    """Copies the public marts of `database` to `published` and the folder beside it; what was done, in one line."""
    models = public_models(manifest)
    now = datetime.now(UTC).replace(tzinfo=None)
    try:
        published.parent.mkdir(parents=True, exist_ok=True)
        clear(published)
        part = published.with_name(f".{published.name}.part")
        parquet = folder_of_parquet(published)
        version = published.with_name(f".{parquet.name}-{now:%Y%m%dT%H%M%S%f}")
        aside = version.with_name(version.name + ".part")
        aside.mkdir()
        write(database, models, now, part, aside)
        # The folder first: the table `publication` of the file names what stands in it.
        os.replace(aside, version)
        link = published.with_name(f".{published.name}.part-link")
        link.symlink_to(version.name, target_is_directory=True)
        os.replace(link, parquet)
        os.replace(part, published)
        # At once: who was erased since would still stand in them. Whoever reads one of their files reads on.
        for folder in versions(published)[:-1]:
            shutil.rmtree(folder)
    except duckdb.Error as error:
        raise CannotPublish(f"Nothing was published to {published}: {project.as_line(error)}") from error
    except OSError as error:
        raise CannotPublish(f"Nothing was published to {published}: {error.strerror or error}.") from error
    size = published.stat().st_size / 2**20
    return f"Published {len(models)} marts to {published} ({size:,.0f} MB), and as parquet to {parquet}."


def write(database: Path, models: list[dict], now: datetime, part: Path, aside: Path) -> None:
    with duckdb.connect(str(part)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {sql_text(database)} as built (read_only)")
        connection.execute(
            """
            create table publication (
                mart_name text primary key, row_count bigint not null, as_of timestamp not null,
                published_at timestamp not null, sha256 text not null
            )
            """
        )
        connection.execute(
            "comment on table publication is 'One row per published mart: what it held when it was published, and the SHA-256 of"
            " its parquet file'"
        )
        (as_of,) = connection.execute("select as_of from built.main_intermediate.int_as_of").fetchone()
        for model in models:
            table = sql_name(model["alias"])
            # In one order, so that the same rows have the same checksum whichever build made them.
            connection.execute(f"create table {table} as select * from built.{sql_name(model['schema'])}.{table} order by all")
            describe(connection, model)
            (rows,) = connection.execute(f"select count(*) from {table}").fetchone()
            file = aside / f"{model['alias']}.parquet"
            connection.execute(f"copy {table} to {sql_text(file)} (format parquet, compression zstd)")
            sync(file)
            connection.execute(
                "insert into publication values (?, ?, ?, ?, ?)", [model["alias"], rows, as_of, now, sha256(file)]
            )
        connection.execute(f"copy publication to {sql_text(aside / 'publication.parquet')} (format parquet)")
        sync(aside / "publication.parquet")
        connection.execute("detach built")
        connection.execute("checkpoint")
    sync(part)


def describe(connection: duckdb.DuckDBPyConnection, model: dict) -> None:
    """The descriptions go with the tables, so that a BI tool can show what a column counts."""
    table = sql_name(model["alias"])
    connection.execute(f"comment on table {table} is {sql_text(project.as_line(model['description']))}")
    for name, column in model["columns"].items():
        if column["description"]:
            connection.execute(
                f"comment on column {table}.{sql_name(name)} is {sql_text(project.as_line(column['description']))}"
            )


def moments(published: Path) -> tuple[datetime, datetime] | None:
    """As of when the publication is, and when it was published; None where there is none to read."""
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            found = connection.execute("select max(as_of), max(published_at) from publication").fetchone()
    except duckdb.Error:
        return None
    return found if all(found) else None


def standing(published: Path) -> str:
    """What readers have, in one line."""
    found = moments(published)
    if found is None:
        return f"Nothing is published at {published}."
    as_of, at = found
    return f"Readers keep what was published on {at:%Y-%m-%d %H:%M} UTC, as of {as_of:%Y-%m-%d}, at {published}."
