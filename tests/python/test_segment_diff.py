"""`make segment-diff`: what it says is what SQL of our own counts, it leaves everything as it was, and whatever a user
can put wrong is one line.

It runs in a repository of its own, to which families, experiments and destinations of our own were added: those of the
project may change without a word here.
"""

import csv
import hashlib
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tools import segment_diff
from tools.segment_diff.__main__ import HEADER, main, table
from tools.segment_diff.changes import Change
from tools.segment_diff.revisions import CANDIDATES, MEMBERSHIPS, Side, to_build_again, variables_of
from tools.project import PARTS, ROOT, copy_to

# No test is asked, and parsing them takes time.
PARTS = {*PARTS, "tools", "profiles.yml.example", ".gitignore"} - {"tests", "analyses"}
FAMILY = """
    select
        customer_id,
        lookback_days,
        cast(null as {{{{ dbt.type_string() }}}}) as variant,
        last_interaction_at as qualified_at,
        interaction_count as score
    from {{{{ ref('int_customer_features') }}}}
    where {condition}
"""
META = """
    version: 2
    models:
      - name: seg_{family}
        description: One row per customer and lookback window.
        config:
          meta:
            owner: tests
            purpose: To be counted
            signals: [interactions]
            retention_days: {retention}
            priority: 5
            kind: {kind}
"""
EXPERIMENTS = [
    ("at_work", "probe_moved", "2026-03-01", "2026-05-01"),
    ("to_come", "probe_moved@7d", "2026-06-01", "2026-07-01"),
    ("over", "probe_moved", "2026-01-01", "2026-02-01"),
    ("elsewhere", "probe_kept", "2026-03-01", "2026-05-01"),
    ("about_all", "", "2026-03-01", "2026-05-01"),
]
DESTINATIONS = [("probe_moved@%", "newsletter", ""), ("probe_moved@7d", "newsletter", ""), ("probe_%", "meta_ads", "")]


class Repository:
    """A copy of the project under git, with a demo as its raw files."""

    def __init__(self, folder: Path, raw: Path) -> None:
        self.folder, self.raw = folder, raw
        self.environment = os.environ | {
            "TESSERA_RAW": str(raw),
            "TESSERA_DATABASE": str(folder.parent / "mine.duckdb"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "HOME": str(folder.parent),
        }

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
        return subprocess.run(
            ["git", *who, *arguments], cwd=self.folder, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def commit(self, tag: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", tag)
        self.git("tag", tag)

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text), encoding="utf-8")

    def family(self, name: str, condition: str, kind: str = "audience", retention: int = 30) -> None:
        self.write(f"models/segments/probes/seg_{name}.sql", FAMILY.format(condition=condition))
        self.write(f"models/segments/probes/seg_{name}.yml", META.format(family=name, kind=kind, retention=retention))

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        self.write(path, text.replace(old, new, 1))

    def list_families(self, *names: str) -> None:
        """Puts these at the end of the list, which is the last variable."""
        path = self.folder / "vars.yml"
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "- probe_" not in line]
        path.write_text("\n".join([*lines, *(f"    - {name}" for name in names)]) + "\n", encoding="utf-8")

    def seed(self, name: str, rows: list[dict[str, str]]) -> None:
        path = self.folder / "seeds" / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header = csv.DictReader(file).fieldnames
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "tools.segment_diff", *arguments], cwd=self.folder, text=True,
            env=self.environment | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        process = self.start(*arguments, **environment)
        output, errors = process.communicate()
        return process.returncode, output, errors

    def state(self) -> dict[str, tuple]:
        """Everything that is the user's: tree, git, raw files and database, by content and time."""
        found = {}
        for top in (self.folder, self.raw, self.folder.parent / "mine.duckdb"):
            for path in [top, *top.rglob("*")]:
                if path.is_file() and ".build" not in path.parts:
                    found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns
        return found


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The tag `before` is the project with three families of ours; what was edited since is committed nowhere."""
    raw = tmp_path_factory.mktemp("raw") / "demo"
    demo = [sys.executable, "-m", "tools.demo", "--customers", "300", "--raw", str(raw)]
    subprocess.run(demo, cwd=ROOT, check=True, capture_output=True)
    one = Repository(tmp_path_factory.mktemp("repository") / "project", raw)
    copy_to(one.folder, PARTS)
    (one.folder.parent / "mine.duckdb").write_bytes(b"whatever stands here stays here")
    one.git("init", "-q", "-b", "main")
    one.write("README.md", "nothing yet")
    one.git("add", "README.md")
    one.git("commit", "-q", "-m", "no Tessera")
    one.git("tag", "empty")

    one.family("probe_moved", "interaction_count >= 3")
    one.family("probe_kept", "interaction_count >= 2")
    one.family("probe_gone", "interaction_count = 1", kind="exclusion")
    one.list_families("probe_moved", "probe_kept", "probe_gone")
    header = dict(
        unit_type="customer", assignment_source="hashed", layer_from="0", layer_to="1", outcome_window_days="28",
        covariate_window_days="28", primary_metric_key="purchase_rate", planned_relative_lift="0.1", alpha="0.05",
        power="0.8", hypothesis="None",
    )
    one.seed("experiments", [
        header | dict(experiment_key=key, layer_key=key, segment_id=segment, starts_at=starts, ends_at=ends)
        for key, segment, starts, ends in EXPERIMENTS
    ])
    one.seed("segment_destinations", [
        dict(zip(("segment_id", "destination_key", "bid_modifier"), row)) for row in DESTINATIONS
    ])
    one.commit("before")
    return one


@pytest.fixture
def repo(repository: Repository):
    """As it is at the tag `before`."""
    yield repository
    repository.git("reset", "-q", "--hard", "before")
    repository.git("clean", "-q", "-f", "-d")


def rows(report: str) -> dict[str, list[str]]:
    """The table of a report, by segment."""
    lines = [line.strip("|").split("|") for line in report.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line] for line in lines]
    assert cells[0] == list(HEADER)
    assert all(re.fullmatch("-+:?", cell) for cell in cells[1])
    return {row[0]: row[1:] for row in cells[2:]}


@pytest.fixture(scope="module")
def built(repository, new_warehouse):
    """The project itself, built on the same raw files: what the families are made of is asked of it."""
    warehouse = new_warehouse(raw=repository.raw)
    warehouse.build("+segment_memberships", as_of="2026-04-01")
    return warehouse


def counted(built, before: str, after: str, retention: int = 30) -> dict[int, tuple]:
    """By window: members before and after, who entered and who exited."""
    return {
        window: tuple(counts)
        for window, *counts in built.query(f"""
            select
                lookback_days, count(*) filter ({before}), count(*) filter ({after}),
                count(*) filter (({after}) and not ({before})), count(*) filter (({before}) and not ({after}))
            from (
                select *
                from main_intermediate.int_customer_features
                inner join main_intermediate.int_customer_profiles using (customer_id)
                where is_targetable
            )
            where last_interaction_at >= timestamp '2026-04-01' - interval {retention} day
            group by lookback_days
        """)
    }


def test_what_changed_is_what_sql_counts(repo, built, tmp_path):
    """One family was edited, one taken away, one added and not yet known to git, one means something else; a table that
    they read has another text."""
    repo.family("probe_moved", "interaction_count between 2 and 5")
    repo.edit("models/segments/probes/seg_probe_kept.yml", "priority: 5", "priority: 6")
    (repo.folder / "models/segments/probes/seg_probe_gone.sql").unlink()
    (repo.folder / "models/segments/probes/seg_probe_gone.yml").unlink()
    repo.family("probe_new", "interaction_count >= 4")
    repo.family("probe_empty", "interaction_count < 0")
    repo.list_families("probe_moved", "probe_kept", "probe_new", "probe_empty")
    repo.edit(FEATURE, "with\n", "-- Another text.\nwith\n")
    before = repo.state()

    markdown = tmp_path / "diff.md"
    code, output, errors = repo.run(
        "before", "--as-of", "2026-04-01", "--fail-on-running", "--markdown", str(markdown)
    )
    assert code == 2, errors
    assert markdown.read_text() == output
    assert repo.state() == before, "nothing of the user's is another"
    assert not segment_diff_folder(repo).exists()
    (again,) = re.findall(r"Building of BASE \(before\) what differs: (.*)", errors)
    assert {"int_customer_profiles", "int_segment_candidates", "segment_memberships"} <= set(again.split(", "))
    assert "int_customer_engagement" not in again.split(", "), "it is made of the same text on the same tables"

    found = rows(output)
    number = "[,0-9]+"
    assert re.search(f"as of 2026-04-01: {len(found)} of {number} segments changed", output)
    expected = {}
    for window, counts in counted(built, "interaction_count >= 3", "interaction_count between 2 and 5").items():
        assert all(counts), "the demo moves people both ways"
        expected[f"probe_moved@{window}d"] = counts
    for window, counts in counted(built, "interaction_count = 1", "false").items():
        expected[f"probe_gone@{window}d"] = counts
    for window, counts in counted(built, "false", "interaction_count >= 4").items():
        expected[f"probe_new@{window}d"] = counts
    expected["probe_empty"] = (0, 0, 0, 0)
    numbers = {segment: tuple(int(cell.replace(",", "")) for cell in row[:4]) for segment, row in found.items()}
    assert numbers == expected
    for segment, (was, now, entered, exited) in expected.items():
        shared = was - exited
        jaccard = f"{shared / (was + now - shared):.3f}" if was + now else ""
        assert found[segment][4] == jaccard, segment

    # Running and planned experiments, by segment and by family; audiences alone go to destinations.
    assert found["probe_moved@7d"][5:] == ["at_work (running), to_come (planned)", "meta_ads, newsletter"]
    assert found["probe_moved@14d"][5:] == ["at_work (running)", "meta_ads, newsletter"]
    assert found["probe_new@7d"][5:] == ["", "meta_ads"]
    assert found["probe_gone@7d"][5:] == ["", ""]
    assert "enrol from a changed segment: at_work.**" in output
    assert "- families new: probe_empty, probe_new" in output
    assert "- families gone: probe_gone" in output
    assert f"- files that differ outside models/segments/: {FEATURE}\n" in output
    assert "- probe_kept: priority 5 to 6" in output
    assert "- probe_moved: its SQL differs, its description does not" in output
    assert "- probe_kept: its SQL" not in output
    new = expected["probe_new@7d"][1]
    assert 0 < new < 200 and f"probe_new@7d ({new:,} of 200)" in output
    assert list(found) == sorted(found, key=lambda segment: (segment.split("@")[0], len(segment), segment))


def segment_diff_folder(repo: Repository) -> Path:
    return repo.folder / segment_diff.FOLDER.relative_to(ROOT)


FEATURE = "models/intermediate/features/int_customer_profiles.sql"


@pytest.mark.parametrize(("differing", "expected"), [
    ([], set()),
    (["models/marts/segments/segment_overlaps.sql", "seeds/destinations.csv"], set()),
    ([FEATURE], {"int_customer_profiles", "int_customer_features"}),
    (["models/intermediate/activity/int_identifier_activity_daily.sql"], None),
    (["seeds/event_types.csv"], None),
    (["macros/project/clock.sql"], None),
    (["dbt_project.yml"], None),
])  # fmt: skip
def test_what_differs_is_built_again_with_all_that_reads_it(parsed, differing, expected):
    """None is a build of all; tables that remember earlier runs are never taken over from another text."""
    base, head = sides(parsed)
    again = to_build_again(base, head, differing)
    if expected is None:
        assert again is None
        return
    assert {"int_segment_candidates", "segment_memberships"} | expected <= set(again)
    assert "int_customer_engagement" not in again
    assert expected or {name for name in again if not name.startswith("seg_")} == {CANDIDATES, MEMBERSHIPS}


def test_what_stands_in_no_file_of_its_own_counts_too(parsed):
    base, head = sides(parsed)
    head.variables["segments"] = [*head.variables["segments"], "another"]
    head.variables["as_of"] = "2026-01-01"
    assert to_build_again(base, head, []) is not None, "families and the day are no reason to build all"
    head.variables["bot_events_per_day"] += 1
    assert to_build_again(base, head, []) is None
    base, head = sides(parsed)
    key = next(key for key, node in head.manifest.nodes.items() if node.name == "int_customer_profiles")
    head.manifest.nodes[key].config.meta["told"] = "in YAML"
    assert {"int_customer_profiles", "int_customer_features"} <= set(to_build_again(base, head, []))
    del head.manifest.nodes[key]
    assert "int_customer_profiles" in to_build_again(base, head, []), "the working tree has no such table"
    base, head = sides(parsed)
    source = next(iter(head.manifest.sources.values()))
    source.columns.popitem()
    assert to_build_again(base, head, []) is None


def sides(parsed) -> list[Side]:
    """The project twice, as two revisions that have nothing else of a Side."""
    made = []
    for _ in range(2):
        side = object.__new__(Side)
        side.manifest = parsed[1].deepcopy()
        side.nodes = {node.name: node for node in side.manifest.nodes.values()}
        side.variables = variables_of(ROOT)
        made.append(side)
    return made


def test_a_whole_build_of_base_gives_the_same_where_nothing_else_differs(repo, built):
    """BASE has another macro file and fewer windows, so all of it is built; what its windows share is equal."""
    now = (repo.folder / "vars.yml").read_text(encoding="utf-8")
    repo.write("vars.yml", re.sub(r"(?m)^  lookback_days: .*$", "  lookback_days: [7, 14]", now))
    repo.write("macros/project/noted.sql", "{# nothing #}")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "fewer windows")
    commit = repo.git("rev-parse", "HEAD").strip()
    repo.git("reset", "-q", "--hard", "before")

    code, output, errors = repo.run(commit)
    assert code == 0, errors
    # Other families may read the longest window, whatever their own is: hot_leads@7d does.
    found = {segment: row for segment, row in rows(output).items() if segment.startswith("probe_")}
    assert found and all(segment.endswith("@30d") for segment in found), "no other window changed"
    assert all(row[0] == "0" and row[1] == row[2] != "0" and row[3] == "0" for row in found.values())
    assert int(found["probe_kept@30d"][1].replace(",", "")) == counted(built, "false", "interaction_count >= 2")[30][1]
    assert "- variable lookback_days: [7, 14] to [7, 14, 30], each side is built with its own" in output
    assert "macros/project/noted.sql" in output
    assert "more than segments differs" in errors


def test_a_run_that_is_killed_leaves_the_tree_clean(repo):
    before = repo.state()
    folder = segment_diff_folder(repo)
    for number, reached, left in (
        (signal.SIGKILL, "base/vars.yml", True), (signal.SIGTERM, "head_built/tessera.duckdb", False),
    ):
        process = repo.start("before")
        try:
            while not (folder / reached).exists():
                assert process.poll() is None, process.communicate()
                time.sleep(0.1)
            assert "Another `make segment-diff` is at work" in refused(repo.run("before"))
        finally:
            process.send_signal(number)
            process.communicate()
        assert process.returncode == (-number if left else 130)
        assert folder.exists() == left
        assert repo.state() == before
        assert repo.git("status", "--porcelain") == ""
        before = repo.state()


def refused(result: tuple[int, str, str]) -> str:
    """The one line of a run that compares nothing; what was on its way before it is not counted."""
    code, output, errors = result
    assert code == 1 and output == "", (code, output, errors)
    (line,) = [line for line in errors.splitlines() if not line.startswith("Building ")]
    return line


def test_a_revision_that_is_none_is_named(repo, tmp_path):
    assert "BASE is missing" in refused(repo.run())
    assert "git knows no revision `nowhere` here" in refused(repo.run("nowhere"))
    assert "git knows no revision `--all` here" in refused(repo.run("--", "--all"))
    assert "`empty` has no dbt_project.yml: Tessera's segments are not in it" in refused(repo.run("empty"))
    assert "unrecognized arguments: --nothing" in refused(repo.run("before", "--nothing"))
    assert "not a git repository" in refused(repo.run("before", GIT_DIR=str(tmp_path)))


@pytest.mark.parametrize("day", ["2026-13-40", "2026-02-29", "yesterday", "20260401", "2026-W14-1", "2026-04-01T12:00"])
def test_a_day_that_is_none_is_told_before_anything_is_built(day, capsys):
    assert main(["--as-of", day, "HEAD"]) == 1
    assert capsys.readouterr().err == f'AS_OF is a date of the calendar, "2026-04-01"; given is "{day}".\n'


def test_a_name_stands_in_the_table_as_it_is():
    """A category may hold any letter."""
    change = Change("browsers/O'Brien|<b>\\@7d", "browsers", 1, 1, 0, 0, 0, [], [], [])
    assert table([change])[-1].startswith("| browsers/O'Brien\\|\\<b>\\\\@7d |")


def test_without_raw_files_there_is_nothing_to_compare_on(repo, tmp_path):
    line = refused(repo.run("before", TESSERA_RAW=str(tmp_path)))
    assert f"no raw files to compare on in {tmp_path}" in line and "TESSERA_RAW" in line


def test_a_base_that_does_not_compile_names_its_file(repo):
    repo.family("probe_kept", "interaction_count >= 2 {% if %}")
    repo.git("commit", "-q", "-a", "-m", "broken")
    commit = repo.git("rev-parse", "HEAD").strip()
    repo.git("reset", "-q", "--hard", "before")
    line = refused(repo.run(commit))
    assert line.startswith(f"BASE ({commit}) does not compile: ") and "seg_probe_kept.sql" in line


def test_an_unknown_column_names_the_file_of_its_family(repo):
    repo.family("probe_kept", "interactions_counted >= 2")
    line = refused(repo.run("before"))
    assert line.startswith("The working tree cannot be built: models/segments/probes/seg_probe_kept.sql: ")
    assert "interactions_counted" in line and "probe_moved" not in line
