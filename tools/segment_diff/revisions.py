"""Two revisions of the project as folders, and a database built from each."""

import contextlib
import io
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import yaml

from tools import project
from tools.project import as_line

MEMBERSHIPS, CANDIDATES, CLOCK = "segment_memberships", "int_segment_candidates", "int_as_of"
FAMILIES = "models/segments/"
# What a build is made of. A family may change alone; a change of any macro or setting may change every table.
PARTS = ("models", "macros", "seeds")
EVERYWHERE = ("macros/", "dbt_project.yml", "packages.yml", "dependencies.yml")
# A table of these is what its model says and nothing else, so one that is there may be used or replaced.
WITHOUT_MEMORY = {"view", "table", "seed", "ephemeral"}


class CannotCompare(Exception):
    """A reason, in one line, why there is nothing to compare."""


def say(line: str) -> None:
    """How far it is. The report alone stands on standard output."""
    print(line, file=sys.stderr, flush=True)


# --- The two revisions as folders ------------------------------------------------------------------------------------


def git(*arguments: str, folder: Path | None = None) -> bytes:
    try:
        result = subprocess.run(["git", *arguments], cwd=folder or project.ROOT, capture_output=True)
    except FileNotFoundError as error:
        raise CannotCompare("There is no git on the path, and BASE is a revision of git.") from error
    if result.returncode:
        raise CannotCompare(f"git {arguments[0]}: {as_line(result.stderr.decode(errors='replace'))}")
    return result.stdout


def commit_of(base: str) -> str:
    """The commit that a revision names."""
    if not base:
        raise CannotCompare("BASE is missing: name the revision to compare with, e.g. make segment-diff BASE=main")
    git("rev-parse", "--git-dir")
    try:
        return git("rev-parse", "--verify", "--end-of-options", base + "^{commit}").decode().strip()
    except CannotCompare as error:
        raise CannotCompare(
            f"BASE: git knows no revision `{base}` here; `git branch -a` lists branches, and a shallow clone lacks "
            "older commits (git fetch --unshallow)."
        ) from error


def lay_out_commit(commit: str, base: str, folder: Path) -> None:
    """The project as it stands in a commit; it may be a folder of a larger repository."""
    prefix = git("rev-parse", "--show-prefix").decode().strip()
    try:
        archive = git("archive", "--format=tar", f"{commit}:{prefix}")
    except CannotCompare as error:
        raise CannotCompare(f"BASE: `{base}` has no folder {prefix}: Tessera is not in it.") from error
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    for path in ("dbt_project.yml", "models/segments", f"models/marts/segments/{MEMBERSHIPS}.sql"):
        if not (folder / path).exists():
            raise CannotCompare(f"BASE: `{base}` has no {prefix}{path}: Tessera's segments are not in it.")


def lay_out_working_tree(folder: Path) -> None:
    """What a commit of everything would hold: new files too, none that git ignores. dbt reads this copy, so that
    nothing is written into the tree, and an edit made meanwhile changes nothing."""
    for name in set(git("ls-files", "-z", "--cached", "--others", "--exclude-standard").decode().split("\0")):
        source = project.ROOT / name
        if name and source.is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / name)


def files_of(folder: Path) -> dict[str, bytes]:
    """What a build reads, by path: SQL, YAML, macros, seeds and settings, but not prose."""
    paths = [path for part in PARTS for path in (folder / part).rglob("*") if path.is_file() and path.suffix != ".md"]
    paths += [path for path in folder.glob("*.yml") if not path.name.startswith("profiles")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def variables_of(folder: Path) -> dict:
    """The variables of the project with their values; dbt has them in either file."""
    found = {}
    for name in ("dbt_project.yml", "vars.yml"):
        try:
            found |= (yaml.safe_load((folder / name).read_text(encoding="utf-8")) or {}).get("vars") or {}
        except (OSError, yaml.YAMLError):
            pass  # dbt says it better.
    return found


# --- Building --------------------------------------------------------------------------------------------------------


class Side:
    """One of the two revisions: its folder, its manifest, and a database that is built from it."""

    def __init__(self, title: str, folder: Path) -> None:
        self.title, self.folder = title, folder
        self.variables = variables_of(folder)
        # Views name the database that they stand in, which is called like its file: it is the same on both sides.
        self.database = folder.parent / f"{folder.name}_built" / "tessera.duckdb"
        self.database.parent.mkdir()
        self.environment = {
            "DBT_PROFILES_DIR": str(folder.parent),
            "DBT_TARGET": "duckdb",
            "DBT_TARGET_PATH": str(self.database.parent / "target"),
            "DBT_LOG_PATH": str(self.database.parent / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "TESSERA_RAW": str(project.raw_folder()),
            "TESSERA_DATABASE": str(self.database),
        }
        # dbt takes seconds to load, and most mistakes are seen without it.
        from tools import dbt_in_process

        self.dbt = dbt_in_process
        try:
            with silence():
                self.manifest = self.dbt.parse(self.environment, folder)
        except AssertionError as error:
            raise CannotCompare(f"{title} does not compile: {as_line(error)}") from error
        self.nodes = {node.name: node for node in self.manifest.nodes.values()}

    def build(self, names: list[str], **variables: str) -> None:
        with silence():
            result = self.dbt.invoke(
                self.manifest, self.environment, "build", "--select", *names, project=self.folder, **variables
            )
        if not result.success:
            failed = [one.node.name for one in getattr(result.result, "results", None) or () if one.status == "error"]
            reason = self.broken_families(variables) if failed == [CANDIDATES] else ""
            reason = reason or as_line(self.dbt.problems(result))
            raise CannotCompare(f"{self.title} cannot be built: {reason}")

    def broken_families(self, variables: dict[str, str]) -> str:
        """The families that the database refuses, by file. All of them are one statement, whose error names none."""
        with silence():
            result = self.dbt.invoke(
                self.manifest, self.environment, "compile", "--select", f"path:{FAMILIES}",
                project=self.folder, **variables,
            )
        if not result.success:
            return ""
        problems = []
        with duckdb.connect(str(self.database), read_only=True) as connection:
            for one in result.result.results:
                if not one.node.name.startswith("seg_"):
                    continue
                try:
                    connection.execute(f"explain {one.node.compiled_code}")
                except duckdb.Error as error:
                    problems.append(f"{one.node.original_file_path}: {as_line(error)}")
        return "; ".join(problems)

    def upstream(self) -> set[str]:
        """The ids of the nodes that memberships are made of, and its own."""
        found, waiting = set(), [self.nodes[MEMBERSHIPS].unique_id]
        while waiting:
            key = waiting.pop()
            if key not in found and key in self.manifest.nodes:
                found.add(key)
                waiting += self.manifest.nodes[key].depends_on_nodes
        return found

    def table(self, name: str) -> str:
        """A model's table, as a connection to this side's database names it."""
        node = self.nodes[name]
        return f'"{node.schema}"."{node.alias}"'

    def families(self) -> dict[str, object]:
        """family: node, of those that are built."""
        nodes = ((family, self.nodes.get(f"seg_{family}")) for family in self.variables.get("segments") or [])
        return {family: node for family, node in nodes if node is not None}


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """dbt prints its errors where it stands; here they are one line, said once."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def described(node) -> tuple:
    """Whatever of a node decides what its table holds, beside its file."""
    columns = [(column.name, column.data_type) for column in node.columns.values()]
    return node.resource_type, node.config.to_dict(), columns, sorted(node.depends_on_nodes), node.schema, node.alias


def to_build_again(base: Side, head: Side, differing: list[str]) -> list[str] | None:
    """The models of BASE that a copy of the working tree's database lacks; None where all of it must be built.

    A copy will do where macros, settings, sources and variables are the same, and what differs keeps nothing of
    earlier runs: then every other table is made of the same text on the same tables.
    """
    others = [
        {name: value for name, value in side.variables.items() if name not in ("segments", "as_of")}
        for side in (base, head)
    ]
    sources = [
        {key: (source.columns, source.config.to_dict()) for key, source in side.manifest.sources.items()}
        for side in (base, head)
    ]
    if any(path.startswith(EVERYWHERE) for path in differing) or others[0] != others[1] or sources[0] != sources[1]:
        return None
    upstream = base.upstream()

    def differs(key: str) -> bool:
        node, other = base.manifest.nodes[key], head.manifest.nodes.get(key)
        return (
            other is None
            or node.original_file_path in differing
            or described(node) != described(other)
            or node.name in (CANDIDATES, MEMBERSHIPS)
        )

    again = {key for key in upstream if differs(key)}
    while more := {key for key in upstream - again if again.intersection(base.manifest.nodes[key].depends_on_nodes)}:
        again |= more
    nodes = [base.manifest.nodes[key] for key in again]
    if any(node.config.materialized not in WITHOUT_MEMORY for node in nodes):
        return None
    return sorted(node.name for node in nodes)


def fingerprint(raw: Path) -> list[tuple]:
    return [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in project.raw_files(raw)]


def build_both(base: Side, head: Side, differing: list[str], as_of: str | None) -> str:
    """Builds the memberships of both; the moment that they describe."""
    raw = project.raw_folder()
    before = fingerprint(raw)
    say(f"Building the working tree's memberships on {raw}")
    head.build([f"+{MEMBERSHIPS}"], **({"as_of": as_of} if as_of else {}))
    with duckdb.connect(str(head.database), read_only=True) as connection:
        moment = connection.execute(f"select as_of::date::varchar from {head.table(CLOCK)}").fetchone()[0]

    names = to_build_again(base, head, differing)
    if names is None:
        say(f"Building all that {base.title} makes its memberships of: more than segments differs")
        base.build([f"+{MEMBERSHIPS}"], as_of=moment)
    else:
        models = [name for name in names if not name.startswith("seg_")]
        say(f"Building of {base.title} what differs: {', '.join(models)}")
        shutil.copy(head.database, base.database)
        base.build(names, as_of=moment)
    if fingerprint(raw) != before:
        raise CannotCompare(f"The raw files in {raw} changed meanwhile: run it again.")
    return moment
