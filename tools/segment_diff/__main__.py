"""`python -m tools.segment_diff BASE`: the run, and its report."""

import argparse
import contextlib
import datetime
import fcntl
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from tools import project, segment_diff
from tools.project import as_line
from tools.segment_diff import FOLDER
from tools.segment_diff.changes import Change, compare, differences, sizes
from tools.segment_diff.revisions import (
    CannotCompare, Side, build_both, commit_of, files_of, lay_out_commit, lay_out_working_tree, say,
)

HEADER = ("segment", "before", "after", "entered", "exited", "Jaccard", "experiments", "destinations")
NUMBERS = range(1, 6)


def table(changes: list[Change]) -> list[str]:
    """A markdown table that can be read as it stands; nothing in a name makes a column of it, or HTML."""
    rows = [
        (
            re.sub(r"([|<\\])", r"\\\1", change.segment_id), f"{change.before:,}", f"{change.after:,}",
            f"{change.entered:,}", f"{change.exited:,}", "" if change.jaccard is None else f"{change.jaccard:.3f}",
            ", ".join(change.experiments), ", ".join(change.destinations),
        )
        for change in changes
    ]
    widths = [max(len(row[number]) for row in (HEADER, *rows)) for number in range(len(HEADER))]
    rule = tuple("-" * (width - 1) + (":" if number in NUMBERS else "-") for number, width in enumerate(widths))
    return [
        "| " + " | ".join(
            cell.rjust(width) if number in NUMBERS else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths))
        ) + " |"
        for row in (HEADER, rule, *rows)
    ]


def report(base: str, commit: str, as_of: str, changes: list[Change], notes: list[str], everything: bool) -> str:
    changed = [change for change in changes if change.entered or change.exited or not (change.before or change.after)]
    rescored = [change for change in changes if change.rescored]
    lines = [
        f"### Segments: `{base}` ({commit[:10]}) against the working tree", "",
        f"On the same data as of {as_of}: {len(changed)} of {len(changes)} segments changed.", "",
    ]
    if shown := changes if everything else changed:
        lines += [*table(shown), ""]
    if running := sorted({key for change in changed for key in change.running}):
        lines += [
            f"**Running experiments enrol from a changed segment: {', '.join(running)}.** Who is assigned stays; who "
            "enters from now on is chosen by the new definition.", "",
        ]
    if rescored:
        members = sum(change.rescored for change in rescored)
        lines += [
            f"Members who stay with another score or time: {members:,}, in {len(rescored)} segments "
            f"({', '.join(change.segment_id for change in rescored[:3])}{', ...' if len(rescored) > 3 else ''}).", "",
        ]
    lines += [f"- {note}" for note in notes]
    return "\n".join(lines).rstrip() + "\n"


# --- A run -----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def own_folder() -> Iterator[None]:
    """FOLDER, empty, for this run alone. One that was killed leaves it behind; git ignores it."""
    FOLDER.parent.mkdir(exist_ok=True)
    with open(FOLDER.with_suffix(".lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotCompare("Another `make segment-diff` is at work here. Wait until it ends.") from error
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir()
        try:
            yield
        finally:
            shutil.rmtree(FOLDER, ignore_errors=True)


def check_day(text: str) -> None:
    """What the variable `as_of` says of a day that is none, before anything is built."""
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(T00:00:00)?", text)
    try:
        datetime.date.fromisoformat(found[1] if found else "")
    except ValueError:
        raise CannotCompare(f'AS_OF is a date of the calendar, "2026-04-01"; given is "{text}".') from None


def run(options: argparse.Namespace) -> int:
    if options.as_of:
        check_day(options.as_of)
    commit = commit_of(options.base)
    raw = project.raw_folder()
    if not project.raw_files(raw):
        raise CannotCompare(
            f"There are no raw files to compare on in {raw}: set TESSERA_RAW to their folder, or run `make build`, "
            "which makes a demo."
        )
    with own_folder():
        # Not your profile: it may name your database by a path of its own.
        shutil.copy(project.ROOT / "profiles.yml.example", FOLDER / "profiles.yml")
        folders = FOLDER / "base", FOLDER / "head"
        for folder in folders:
            folder.mkdir()
        lay_out_commit(commit, options.base, folders[0])
        lay_out_working_tree(folders[1])
        was, now = map(files_of, folders)
        differing = sorted(path for path in was.keys() | now.keys() if was.get(path) != now.get(path))
        base, head = Side(f"BASE ({options.base})", folders[0]), Side("The working tree", folders[1])
        as_of = build_both(base, head, differing, options.as_of)
        changes, wrong = compare(base, head, as_of)
        text = report(
            options.base, commit, as_of, changes,
            wrong + sizes(base, head, changes) + differences(base, head, differing), options.unchanged,
        )
    print(text, end="", flush=True)
    if options.markdown:
        try:
            options.markdown.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CannotCompare(f"The report cannot be written to {options.markdown}: {error.strerror}.") from error
    is_running = any(change.running and (change.entered or change.exited) for change in changes)
    return 2 if options.fail_on_running and is_running else 0


class Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> None:
        # argparse would end with 2, which says something else here.
        raise CannotCompare(message)


STOPPED = []


def stop(signum: int, frame: object) -> None:
    # dbt makes a failed build of an interrupt; this is how it is told from one.
    STOPPED.append(signum)
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> int:
    parser = Arguments(prog="python -m tools.segment_diff", description=segment_diff.__doc__.splitlines()[0])
    parser.add_argument("base", nargs="?", default="", help="the revision to compare with: a branch, a tag, a commit")
    parser.add_argument("--as-of", metavar="DATE", help="the day to describe (default: as the working tree has it)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the report to a file too")
    parser.add_argument("--unchanged", action="store_true", help="list the segments too that did not change")
    parser.add_argument("--fail-on-running", action="store_true",
                        help="end with 2 where a segment changed that a running experiment enrols from")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        return run(parser.parse_args(arguments))
    except (CannotCompare, OSError, KeyboardInterrupt) as reason:
        if STOPPED:
            say("Stopped; nothing is left behind.")
            return 130
        say(str(reason) if isinstance(reason, CannotCompare) else f"{FOLDER} cannot be worked in: {as_line(reason)}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
