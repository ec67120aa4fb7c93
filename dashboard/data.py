"""The published file, asked one query at a time; what cannot be shown is a sentence and never a traceback.

Every query opens the file anew and closes it again, so that a new publication, which is a rename, is seen by the next
one, and a build never waits for a reader. Each has a DuckDB instance of its own: instances of one process that open a
file by its name share it, and would go on reading the former one.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tools import project

CONFIG = {"python_enable_replacements": False, "autoinstall_known_extensions": False, "TimeZone": "UTC"}


class CannotShow(Exception):
    """Why there is nothing to show, as a sentence for the person who looks."""


@dataclass(frozen=True)
class Query:
    """A statement over the published marts, and those that it reads: a mart that is missing is then named."""

    sql: str
    marts: tuple[str, ...]


def version(path: Path) -> tuple[str, int, int]:
    """Which publication stands at `path`: what a cache of its figures hangs on."""
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise CannotShow(f"Nothing is published at {path}: run `make build`.") from error
    except OSError as error:
        raise CannotShow(f"The published file {path} cannot be read: {error.strerror or error}.") from error
    return str(path), found.st_mtime_ns, found.st_ino


def used(query: Query, parameters: dict[str, object]) -> dict[str, object] | None:
    """Of the parameters those that the statement has; DuckDB takes no others."""
    return {name: parameters[name] for name in sorted(set(re.findall(r"\$([a-z_]+)", query.sql)))} or None


def rows(path: Path, query: Query, **parameters: object) -> list[dict]:
    """The rows of a query, each a dict by column."""
    version(path)
    try:
        with duckdb.connect(config=CONFIG) as connection:
            connection.execute(f"attach {project.sql_text(path)} as published (read_only)")
            connection.execute("use published")
            there = {name for (name,) in connection.execute(
                "select table_name from duckdb_tables() where database_name = 'published'"
            ).fetchall()}
            missing = [mart for mart in query.marts if mart not in there]
            if missing:
                raise CannotShow(
                    f"The published file has no mart `{missing[0]}`. It was made by another version of the project, or without "
                    "this mart: run `make build`."
                )
            found = connection.execute(query.sql, used(query, parameters))
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    except duckdb.BinderException as error:
        marts = ", ".join(f"`{mart}`" for mart in query.marts)
        raise CannotShow(
            f"The published file has another shape than this page expects of {marts} ({project.as_line(error)[:160]}). It was made "
            "by another version of the project: run `make build`."
        ) from error
    except duckdb.Error as error:
        raise CannotShow(f"The published file {path} cannot be read: {project.as_line(error)[:200]}") from error
