"""What CONVENTIONS.md asks of a statement and the linter, which sees what macros make of it, cannot; and that
`make help` keeps up with the Makefile."""

import re
from pathlib import Path

from tools.project import ROOT

WIDTH = 100


def statements() -> list[Path]:
    folders = ("models", "analyses", "tests", "examples/complete_journey")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.sql")]
    # Selects and what they share; a fixture's rows stand as a table.
    return sorted([*found, *(ROOT / "examples/sources").glob("*/*__*.sql"), ROOT / "examples/sources/macros.sql"])


def too_long(text: str) -> list[int]:
    """The lines of code that are too long; prose may run a little further."""
    return [
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if len(line) > WIDTH and not line.lstrip().startswith(("--", "{#"))
    ]


def test_statements_fit_beside_their_yaml():
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in statements()
        for number in too_long(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_a_long_line_is_seen():
    assert too_long("select 1\n" + "x" * 101 + "\n-- " + "y" * 101) == [2]


def test_make_prints_every_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)", text, re.MULTILINE)
    targets = re.findall(r"^([a-z][\w-]*):", text, re.MULTILINE)
    # The pattern of `make help`.
    printed = re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE)
    assert sorted(phony.split()) == sorted(targets) == sorted(printed)
