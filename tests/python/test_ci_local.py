"""The sample workflow against what there is, and `make ci-local` on small workflows in a repository of its own."""

import importlib.util
import re
import shlex
import subprocess

import pytest
from dbt.cli.main import build as dbt_build_command
from dbt.cli.main import cli as dbt_command

from tools import check, ci_local, project

TEXT = ci_local.WORKFLOW.read_text(encoding="utf-8")
CONTENT, STEPS = ci_local.steps_of(ci_local.WORKFLOW)
RUNS = [step["run"] for step in STEPS if "run" in step]
MAKEFILE = (project.ROOT / "Makefile").read_text(encoding="utf-8")


def commands(program: str) -> list[list[str]]:
    """The words of each command that begins with a program, over all steps."""
    lines = "\n".join(RUNS).replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line))[:1] == [program]]


# --- The sample ------------------------------------------------------------------------------------------------------


def test_every_action_is_pinned_to_a_commit_and_says_which_version_that_is():
    used = re.findall(r"uses: (.*)", TEXT)
    assert len(used) == sum("uses" in step for step in STEPS) == 3
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one) for one in used), used


def test_every_make_target_and_its_variables_exist():
    asked = commands("make")
    assert {words[1] for words in asked} == {"profile", "lint", "segment-diff"}
    for _, target, *settings in asked:
        (recipe,) = re.findall(rf"^{target}: .*(?:\n\t.*)*", MAKEFILE, re.MULTILINE)
        assert all(f"$({name.split('=')[0]})" in recipe for name in settings)


def test_every_module_and_step_exists():
    asked = commands(".venv/bin/python")
    assert [words[2] for words in asked] == ["tools.check", "tools.demo"]
    assert all(words[1] == "-m" and importlib.util.find_spec(words[2]) for words in asked)
    assert asked[0][3] in check.STEPS


def test_dbt_knows_every_option():
    known = {option for command in (dbt_command, dbt_build_command) for one in command.params for option in one.opts}
    asked = commands(".venv/bin/dbt")
    assert len(asked) == 2
    for words in asked:
        options = [word for word in words if word.startswith("--")]
        assert set(options) <= known, set(options) - known
    base, change = asked
    assert base[base.index("--target-path") + 1].removeprefix("$PWD/") == change[change.index("--state") + 1]
    assert {"--defer", "--select"} <= set(change) and "state:modified+" in "".join(RUNS)


@pytest.mark.parametrize("script", RUNS)
def test_every_step_is_a_script(script):
    assert subprocess.run(["bash", "-n", "-c", script], capture_output=True).returncode == 0


def test_every_file_of_a_step_is_written_by_one_before_it():
    said = "\n".join(RUNS)
    for path in (".build/ci/base", ".build/ci/segments.md"):
        assert said.index(path) < said.rindex(path)
    (comment,) = [step for step in STEPS if "github-script" in step.get("uses", "")]
    assert ".build/ci/segments.md" in comment["with"]["script"]


# --- ci-local --------------------------------------------------------------------------------------------------------

SMALL = """
on: pull_request
env: {BASE: "${{ github.event.pull_request.base.sha }}", WHERE: "${{ github.workspace }}/out", WHO: workflow}
jobs:
  check:
    env: {WHO: job}
    steps:
      - uses: actions/checkout@0000000000000000000000000000000000000000
      - {name: First, run: "echo $WHO $BASE > $WHERE; ls > listed"}
      - {name: Second, env: {WHO: step}, run: "echo $WHO ${TESSERA_RAW-none} >> $WHERE\\necho said >> $GITHUB_STEP_SUMMARY"}
"""


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with one commit, of one file; and where steps are run."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "committed.txt").write_text("")
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-q", "-m", "one"]):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    monkeypatch.setattr(project, "ROOT", root)
    monkeypatch.setenv("TESSERA_RAW", "/my/own/data")

    def run(text: str, base: str = "main") -> int:
        (tmp_path / "workflow.yml").write_text(text)
        return ci_local.run(base, tmp_path / "workflow.yml", tmp_path / "ci")

    run.root, run.folder = root, tmp_path / "ci"
    return run


def test_the_steps_are_run_in_order_on_a_clone_with_the_variables_of_the_workflow(repository, capfd):
    (repository.root / "new.txt").write_text("not committed")
    assert repository(SMALL) == 0
    commit = ci_local.git("rev-parse", "HEAD")
    assert (repository.folder / "checkout/out").read_text() == f"job {commit}\nstep none\n"
    assert (repository.folder / "checkout/listed").read_text().split() == ["committed.txt", "listed", "out"]
    assert (repository.folder / "summary.md").read_text() == "said\n"
    said = capfd.readouterr().out
    assert "what is not committed is not in it" in said
    assert "== actions/checkout: skipped, an action of GitHub's" in said
    assert said.index("== First: good") < said.index("== Second: good") < said.index("would pass")


@pytest.mark.parametrize("script", ["exit 3", "false | true; exit 3", "set +e; exit 3"])
def test_the_first_step_that_fails_ends_it(repository, capfd, script):
    expected = 1 if "|" in script else 3
    assert repository(SMALL.replace("echo $WHO $BASE > $WHERE; ls > listed", script)) == expected
    assert "The pull request would fail; not run: Second." in capfd.readouterr().out
    assert not (repository.folder / "checkout/out").exists()


@pytest.mark.parametrize("old, new, line", [
    ("github.workspace", "secrets.KEY", "asks for secrets.KEY"),
    ("{name: First, run", "{name: First, if: always(), run", "the step `First` has if"),
    ("jobs:", "jobs:\n  other: {steps: []}", "is no workflow of one job"),
    ("on: pull_request", "on: [", "is no workflow of one job"),
])
def test_what_it_does_not_understand_is_refused_in_one_line(repository, old, new, line):
    with pytest.raises(ci_local.CannotRun) as reason:
        repository(SMALL.replace(old, new))
    assert line in str(reason.value) and "\n" not in str(reason.value)


def test_a_base_that_there_is_not_is_named(repository):
    with pytest.raises(ci_local.CannotRun, match="git knows no revision `mian` here"):
        repository(SMALL, base="mian")
