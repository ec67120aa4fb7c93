"""`make ci-local BASE=main`: the steps of examples/ci/pull-request.yml as they stand there, on this machine.

It clones the last commit, as a machine of a pull request has it, and runs there every `run:` step in its order, each as
GitHub does (`bash -e -o pipefail`), with the variables that the workflow sets. A step that `uses:` an action needs GitHub: it
is named and left out. The first step that fails ends it, with its exit code; what it wrote stays in .build/ci-local.

This is no emulator: of expressions it knows what `run` fills in, and a key of a step that would change what is run is refused.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml

from tools import project
from tools.segment_diff import revisions

WORKFLOW = project.ROOT / "examples" / "ci" / "pull-request.yml"
FOLDER = project.ROOT / ".build" / "ci-local"
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
STEP_KEYS = {"name", "run", "env"}


class CannotRun(Exception):
    """A reason, in one line, why the steps cannot be run here."""


def git(*arguments: str, folder: Path | None = None) -> str:
    try:
        return revisions.git(*arguments, folder=folder).decode().strip()
    except revisions.CannotCompare as error:
        raise CannotRun(str(error).rstrip(".")) from error


def resolved(value: object, known: dict[str, str]) -> str:
    """A value of the workflow with its expressions filled in."""

    def fill(match: re.Match) -> str:
        if match[1] not in known:
            raise CannotRun(f"the workflow asks for {match[1]}, which is not known here")
        return known[match[1]]

    return EXPRESSION.sub(fill, str(value))


def variables(level: dict, known: dict[str, str]) -> dict[str, str]:
    return {name: resolved(value, known) for name, value in (level.get("env") or {}).items()}


def steps_of(workflow: Path) -> tuple[dict, list[dict]]:
    """The workflow and the steps of its one job."""
    try:
        content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
        (job,) = content["jobs"].values()
        steps = job["steps"]
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CannotRun(f"{workflow} is no workflow of one job ({project.as_line(error)})") from error
    for step in steps:
        unknown = set(step) - STEP_KEYS
        if "run" in step and unknown:
            raise CannotRun(f"the step `{title(step)}` has {', '.join(sorted(unknown))}, which is not known here")
    content["env"] = (content.get("env") or {}) | (job.get("env") or {})
    return content, steps


def title(step: dict) -> str:
    return step.get("name") or step.get("uses", "").split("@")[0] or step["run"].splitlines()[0]


def clean_environment() -> dict[str, str]:
    """What is yours and not a machine's: where your data and your profile are."""
    ours = ("TESSERA_", "DBT_", "MAKE", "MFLAGS")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def check_out(folder: Path) -> None:
    """The last commit, with nothing that git ignores."""
    shutil.rmtree(folder, ignore_errors=True)
    git("clone", "--quiet", "--no-hardlinks", str(project.ROOT), str(folder))
    git("checkout", "--quiet", "--detach", git("rev-parse", "HEAD"), folder=folder)


def run(base: str, workflow: Path = WORKFLOW, folder: Path = FOLDER) -> int:
    content, steps = steps_of(workflow)
    try:
        commit = revisions.commit_of(base)
    except revisions.CannotCompare as error:
        raise CannotRun(str(error).rstrip(".")) from error
    # GitHub merges the change into its base first. Here the base is taken as it was when the branch left it.
    commit = git("merge-base", commit, "HEAD")
    if git("status", "--porcelain"):
        print("notice: what is not committed is not in it: a pull request has commits.", flush=True)
    checkout = folder / "checkout"
    known = {"github.event.pull_request.base.sha": commit, "github.workspace": str(checkout)}
    environment = clean_environment() | variables(content, known)
    environment |= {"CI": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    check_out(checkout)
    (folder / "summary.md").write_text("", encoding="utf-8")
    began = time.monotonic()
    for number, step in enumerate(steps, start=1):
        if "uses" in step:
            print(f"\n== {title(step)}: skipped, an action of GitHub's", flush=True)
            continue
        print(f"\n== {title(step)}", flush=True)
        started = time.monotonic()
        script = resolved(step["run"], known)
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        code = subprocess.run(command, cwd=checkout, env=environment | variables(step, known)).returncode
        print(f"== {title(step)}: {'failed' if code else 'good'}, {time.monotonic() - started:.0f} s", flush=True)
        if code:
            left = [title(one) for one in steps[number:] if "run" in one]
            print(f"\nThe pull request would fail{'; not run: ' + ', '.join(left) if left else ''}.", flush=True)
            return code
    print(f"\nThe pull request would pass; {time.monotonic() - began:.0f} s. What it would say of it: {folder / 'summary.md'}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.ci_local", description=__doc__.splitlines()[0])
    parser.add_argument("base", nargs="?", default="main", help="what the pull request goes to (default: main)")
    try:
        return run(parser.parse_args(arguments).base)
    except CannotRun as reason:
        print(f"ci-local: {reason}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
