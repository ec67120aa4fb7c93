"""Where the project, its raw files and its database are, and how a step is run on them."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import yaml

ROOT = Path(__file__).resolve().parent.parent
# What dbt reads of the project, beside the profile.
PARTS = ("models", "macros", "seeds", "tests", "analyses", "dbt_project.yml", "vars.yml")


def copy_to(folder: Path, parts: Iterable[str] = PARTS) -> Path:
    """The project as a folder of its own, to be changed or broken; what tests are written in Python stays behind."""
    ignored = shutil.ignore_patterns("__pycache__", "python", "dashboard")
    for name in parts:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=ignored)
        else:
            shutil.copy(source, target)
    return folder


def raw_folder() -> Path:
    return ROOT / (os.environ.get("TESSERA_RAW") or "data/raw")


def database() -> Path:
    return ROOT / (os.environ.get("TESSERA_DATABASE") or "data/tessera.duckdb")


def published() -> Path:
    """The file that BI tools read."""
    return ROOT / (os.environ.get("TESSERA_PUBLISHED") or "data/published/tessera.duckdb")


def manifest() -> Path:
    """What dbt wrote down about the project when it last read it."""
    return ROOT / (os.environ.get("DBT_TARGET_PATH") or "target") / "manifest.json"


def contract_tables() -> list[tuple[str, str]]:
    """(source, table) of every table of the input contract, as the sources' YAML lists them."""
    tables = []
    for path in sorted((ROOT / "models" / "staging").glob("*/_*__sources.yml")):
        for source in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("sources", []):
            tables += [(source["name"], table["name"]) for table in source.get("tables", [])]
    return tables


def raw_files(raw: Path) -> list[Path]:
    """The files that the tables of the input contract are read from."""
    return [file for source, table in contract_tables() for file in sorted((raw / source / table).glob("*.parquet"))]


def as_pattern(file: Path) -> str:
    """A path that DuckDB reads as this one file: a name may hold the letters of a pattern."""
    return re.sub(r"[\[*?]", lambda letter: f"[{letter[0]}]", str(file))


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A name beside a file for its new content, which takes the file's place whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with written_whole(path) as temporary:
        temporary.write_bytes(content)


def sha256(file: Path) -> str:
    with open(file, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def sql_name(name: str) -> str:
    """A name of a table or column in a statement, whatever letters it has."""
    return '"' + name.replace('"', '""') + '"'


def sql_text(value: object) -> str:
    """A text in a statement."""
    return "'" + str(value).replace("'", "''") + "'"


def demo_marker(raw: Path) -> dict | None:
    """What the demo's generator says about the files in `raw`; None where they are not the demo's."""
    try:
        marker = json.loads((raw / "_demo.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError:
        marker = None
    # Half a marker is still the demo's; its generator says what to do about it.
    kinds = {"customers": int, "seed": int, "first_day": str, "launch": str, "chapters": list}
    if not isinstance(marker, dict) or any(not isinstance(marker.get(key), kind) for key, kind in kinds.items()):
        return {}
    return marker


def as_line(text: object) -> str:
    """A text of several lines, or a message, as one line."""
    return " ".join(str(text).split())


def one_line(error: Exception, path: Path) -> str:
    """DuckDB's message about a file that it cannot open, as one line that says what to do."""
    text = as_line(error)
    holder = re.search(r"lock is held in (\S+) \(PID (\d+)\)", text)
    if holder:
        return (
            f"The database {path} is open in another process, {holder[1]} with process id {holder[2]}. "
            "Close it there and try again; DuckDB lets one process write at a time."
        )
    if "lock on file" in text:
        return f"The database {path} is open in another process. Close it there and try again."
    if "Permission denied" in text or "Read-only file system" in text:
        return f"The database {path} cannot be written: its file or folder is read-only for this user."
    if "No space left" in text:
        return f"The disk that holds the database {path} is full."
    return f"The database {path} cannot be opened: {text}"


def environment() -> dict[str, str]:
    """The environment of every step: both paths absolute, so that no step guesses its own."""
    return os.environ | {
        "TESSERA_RAW": str(raw_folder()),
        "TESSERA_DATABASE": str(database()),
    }


@contextmanager
def step(
    *command: str, folder: Path = ROOT, stdout: int | None = None, stderr: IO | None = None
) -> Iterator[subprocess.Popen]:
    """A step at work in the project's folder, with its output on ours where `stdout` and `stderr` name no other."""
    process = subprocess.Popen(command, cwd=folder, env=environment(), stdout=stdout, stderr=stderr)
    try:
        yield process
    except BaseException:
        # A Ctrl-C reached the step too: let it close the database before we leave.
        process.terminate()
        process.wait()
        raise


def python(*arguments: str, folder: Path = ROOT) -> int:
    """Run a Python step; its exit code."""
    with step(sys.executable, *arguments, folder=folder) as process:
        return process.wait()
