"""`make doctor`: what stands in the way of a build, and what a build would be without, in plain words.

It asks and changes nothing: the project's own checks run on a scratch database. A line begins with `good`, `note` (a build
works, and lacks something) or `stop` (it would fail, and why); only the last makes the exit code 1.
"""

import importlib.metadata
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jinja2
import yaml

from tools import build, dbt_build, project, publish

# What a build took on two threads without a limit of memory (benchmarks/README.md): events, peak and database in bytes.
MEASURED = ((1e6, 1.5e9, 0.16e9), (1e7, 4.5e9, 1.4e9), (1e8, 19.5e9, 14.3e9))
# Without the table there is no such thing in the marts.
WITHOUT = {
    "web/events": "no behaviour: almost every segment is empty",
    "crm/contacts": "nobody is known by name: no e-mail, phone, account or country",
    "crm/accounts": "no account and no trial; experiments on accounts have no units",
    "crm/consents": "nobody has given consent, so no audience that needs it has a member",
    "shop/products": "no category of a product: no category interest",
    "shop/orders": "no order and no revenue: most metrics are zero for everyone",
    "shop/order_lines": "no category bought",
    "ads/campaigns": "no campaign is known: no spend belongs to a segment",
    "ads/daily_delivery": "no impressions, clicks or spend by day",
    "ads/touches": "nobody was reached: no exposure, no frequency cap, no attribution",
    "experiments/assignments": "no experiment of another system",
    "privacy/erasure_requests": "nobody asks to be erased",
    "enrichment/attributes": "no bought attribute",
    "activation/uploads": "no upload is confirmed, so every change of an audience is told again",
}
DEMO_EXPERIMENTS = {
    "cart_recovery", "trial_upsell", "pricing_follow_up", "loyalty_banner", "checkout_button_2026_02", "lapsing_voucher",
}

Finding = tuple[str, str]


def gigabytes(size: float) -> str:
    return f"{size / 1e9:,.1f} GB"


def package_findings() -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield ("good" if sys.version_info >= (3, 11) else "stop"), f"Python {version}; 3.11 or newer is needed."
    wrong = []
    lock = (project.ROOT / "requirements.txt").read_text(encoding="utf-8")
    for name in ("dbt-core", "dbt-duckdb", "duckdb"):
        locked = re.search(rf"^{name}==([^ ;\\]+)", lock, re.MULTILINE)[1]
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = "missing"
        if found != locked:
            wrong.append(f"{name} is {found}, {locked} is locked")
    if wrong:
        yield "stop", f"{'; '.join(wrong)}: remove .venv, then run `make venv`."
    else:
        yield "good", "dbt-core, dbt-duckdb and DuckDB are those of requirements.txt."


def rendered(value: object) -> object:
    """A setting of the profile as dbt reads it: `env_var` is what the profiles of most people ask."""

    def env_var(name: str, default: str | None = None) -> str:
        value = os.environ.get(name, default)
        if value is None:
            raise jinja2.UndefinedError(f"the variable {name} is not set")
        return value

    return jinja2.Environment().from_string(value).render(env_var=env_var) if isinstance(value, str) else value


def profile_findings() -> Iterator[Finding]:
    path = Path(os.environ.get("DBT_PROFILES_DIR") or project.ROOT) / "profiles.yml"
    try:
        profile = yaml.safe_load(path.read_text(encoding="utf-8"))["tessera"]
        target = os.environ.get("DBT_TARGET") or rendered(profile.get("target", "default"))
        output = profile["outputs"][target]
        engine, threads = rendered(output.get("type")), rendered(output.get("threads", 1))
    except FileNotFoundError:
        yield "note", "There is no profiles.yml; `make build` copies profiles.yml.example."
        return
    except jinja2.TemplateError as error:
        yield "note", f"{path} is not read here, dbt says what it makes of it: {project.as_line(error)}."
        return
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        yield "stop", f"{path} names no target of the profile tessera ({project.as_line(error)}): see profiles.yml.example."
        return
    yield "good", f"{path.name} builds on {engine}, {threads} {'step' if str(threads) == '1' else 'steps'} at a time."


def memory() -> int:
    """What the machine has; a container may have less."""
    has = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        limit = "max"
    return min(has, int(limit)) if limit.isdigit() else has


def expected(events: int) -> tuple[float, float]:
    """Peak memory and size of the database, between what was measured, in bytes."""
    points = [tuple(math.log(value) for value in row) for row in MEASURED]
    place = math.log(max(events, MEASURED[0][0]))
    low, high = (points[0], points[1]) if place < points[1][0] else (points[1], points[2])
    part = (place - low[0]) / (high[0] - low[0])
    return tuple(math.exp(low[i] + part * (high[i] - low[i])) for i in (1, 2))


def existing(folder: Path) -> Path:
    return folder if folder.exists() else existing(folder.parent)


def held(*places: Path) -> int:
    """Bytes of these files and of the files in these folders."""
    files = [file for place in places for file in (place.rglob("*") if place.is_dir() else [place])]
    return sum(file.stat().st_size for file in files if file.is_file())


def room_findings(events: int) -> Iterator[Finding]:
    peak, size = expected(events)
    has = memory()
    # Below a million, dbt itself takes what there is to take.
    needs = f"about {gigabytes(peak)} for {max(events, 1_000_000):,} events"
    if has < peak:
        yield "note", (
            f"{gigabytes(has)} of memory; a build takes {needs} where nothing limits it. Set `memory_limit` in the settings of "
            "profiles.yml, to two thirds of what you have; DuckDB then writes to disk what does not fit."
        )
    else:
        yield "good", f"{gigabytes(has)} of memory; a build takes {needs}."
    database, published = project.database(), project.published()
    folder = existing(database.parent)
    if not folder.is_dir():
        yield "stop", f"The database's folder {database.parent} cannot be made: {folder} is a file."
        return
    free = shutil.disk_usage(folder).free
    # The database grows by what a build rewrites, and the published copy and its parquet come beside it. A database that
    # is there is written again in its own place, the copies beside those that are read until then.
    needed = max(2.5 * size - held(database), held(published, publish.folder_of_parquet(published)))
    yield ("good" if free > needed else "stop"), (
        f"{gigabytes(free)} are free in {folder}; database and published copy take about {gigabytes(needed)}"
        f"{' more' if database.exists() else ''}."
    )
    if not os.access(folder, os.W_OK):
        yield "stop", f"{folder} is read-only for this user: name another file in TESSERA_DATABASE."


def start_findings() -> Iterator[Finding]:
    """What `make build` asks before its first step, of the raw folder and of the database that is there."""
    raw, path = project.raw_folder(), project.database()
    try:
        if notice := build.check_layout(raw):
            yield "note", f"Files are {notice}."
        if project.demo_marker(raw) is None and build.is_demo(raw):
            build.check_place_of_demo(raw)
            build.demo_customers()
    except build.CannotBuild as reason:
        yield "stop", str(reason)
    if path.exists():
        try:
            build.check_database(raw, path)
        except build.CannotBuild as reason:
            yield "stop", str(reason)


def raw_findings(rows: dict[str, int]) -> Iterator[Finding]:
    raw = project.raw_folder()
    if not project.raw_files(raw):
        yield "note", f"{raw} holds no file of the input contract: `make build` makes a demo there."
        return
    there = [f"{name} {count:,}" for name, count in rows.items() if count]
    if there:
        yield "good", f"{raw} holds rows of {', '.join(there)}."
    for name, count in rows.items():
        if not count:
            yield "note", f"{name} has no rows: {WITHOUT.get(name, 'it counts as empty')}."


def raw_rows() -> tuple[dict[str, int], list[str]]:
    """Rows of each table of the contract, from the files' footers, and what there is to say of files without one."""
    rows = {f"{source}/{table}": 0 for source, table in project.contract_tables()}
    damaged = []
    for file in project.raw_files(project.raw_folder()):
        try:
            rows["/".join(file.parts[-3:-1])] += build.rows_of(file)
        except build.CannotBuild as reason:
            damaged.append(str(reason))
    return rows, damaged


def project_findings() -> Iterator[Finding]:
    """Variables, segment families, engine settings, and the raw tables, where there are some, against the contract."""
    any_files = bool(project.raw_files(project.raw_folder()))
    with tempfile.TemporaryDirectory() as scratch:
        environment = project.environment() | {
            "TESSERA_DATABASE": f"{scratch}/doctor.duckdb", "DBT_TARGET_PATH": f"{scratch}/target", "DBT_LOG_PATH": f"{scratch}/logs",
        }
        profiles = Path(os.environ.get("DBT_PROFILES_DIR") or project.ROOT)
        if not (profiles / "profiles.yml").exists():
            shutil.copy(project.ROOT / "profiles.yml.example", Path(scratch, "profiles.yml"))
            environment["DBT_PROFILES_DIR"] = scratch
        done = subprocess.run(
            [
                *(str(Path(sys.executable).with_name("dbt")), "run-operation", "check_project"),
                *("--args", json.dumps({"raw_tables": any_files}), "--log-format", "json", "--no-use-colors"),
            ],
            cwd=project.ROOT, env=environment, capture_output=True, text=True, check=False,
        )
    if done.returncode == 0:
        columns = ", segment families and raw columns" if any_files else " and segment families"
        yield "good", f"Variables{columns} are as the project expects them."
        return
    told = []
    for line in done.stdout.splitlines():
        try:
            event = json.loads(line)["info"]
        except (ValueError, KeyError):
            continue
        if event["level"] == "error":
            said = dbt_build.CALLS.sub("", event["msg"]).splitlines()
            # The first line is dbt's: that an operation failed.
            told += [line.strip() for line in said[1:] if line.strip()]
    yield "stop", "\n      ".join(told) or f"dbt ended with {done.returncode}: {project.as_line(done.stdout + done.stderr)[-300:]}"


def own_data_findings() -> Iterator[Finding]:
    """What the demo may leave as it is, and real people's data may not."""
    if build.is_demo(project.raw_folder()):
        return
    if not os.environ.get("TESSERA_ERASURE_SALT"):
        yield "note", (
            "TESSERA_ERASURE_SALT is not set. Set it to a long random text before the first erasure, and keep it (docs/privacy.md)."
        )
    seed = (project.ROOT / "seeds" / "experiments.csv").read_text(encoding="utf-8")
    left = sorted(key for key in DEMO_EXPERIMENTS if re.search(rf"^{key},", seed, re.MULTILINE))
    if left:
        yield "note", f"seeds/experiments.csv still holds experiments of the demo: {', '.join(left)}. Replace them by yours."


def publication_findings() -> Iterator[Finding]:
    path = project.published()
    if path.exists():
        if publish.moments(path) is None:
            yield "note", f"{path} is no publication that can be read; `make build` puts a new one in its place."
        else:
            yield "good", publish.standing(path)


def findings() -> Iterator[Finding]:
    yield from package_findings()
    yield from profile_findings()
    rows, damaged = raw_rows()
    yield from room_findings(rows["web/events"])
    yield from start_findings()
    yield from raw_findings(rows)
    yield from (("stop", line) for line in damaged)
    if not damaged:
        yield from project_findings()
    yield from own_data_findings()
    yield from publication_findings()


def main() -> int:
    stops = 0
    for kind, text in findings():
        print(f"{kind}  {text}", flush=True)
        stops += kind == "stop"
    print(f"\n{stops} of these would stop a build." if stops else "\nNothing stands in the way of `make build`.")
    return 1 if stops else 0


if __name__ == "__main__":
    sys.exit(main())
