"""What CONVENTIONS.md asks of a file and no linter sees: its lines fit a screen."""

import subprocess
from pathlib import Path

import pytest

from tools.project import ROOT

# Statements are read side by side with their YAML; what is around them may be a little wider.
STATEMENTS = 100
OTHERS = 120
SUFFIXES = (".sql", ".yml", ".py")


def files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git work tree")
    found = [ROOT / name for name in listed.stdout.splitlines() if name.endswith(SUFFIXES)]
    return [path for path in found if path.exists() and READ_ACROSS not in path.parents]


# The demo's SQL lays weights and choices out in tables, which are read across.
READ_ACROSS = ROOT / "tools" / "demo" / "sql"


def width_of(path: Path) -> int:
    is_statement = path.suffix == ".sql" and path.relative_to(ROOT).parts[0] in ("models", "analyses", "tests")
    return STATEMENTS if is_statement else OTHERS


def too_long(text: str, width: int) -> list[int]:
    """The lines that are too long, but for tables of test cases, which are read across."""
    if "# fmt: skip" in text:
        return []
    return [
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if len(line) > width and not line.lstrip().startswith("- {")
    ]


def test_lines_fit_a_screen():
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files()
        for number in too_long(path.read_text(encoding="utf-8"), width_of(path))
    ]
    assert not found


def test_a_long_line_is_seen():
    assert too_long("short\n" + "x" * 101 + "\n", 100) == [2]
    assert too_long("  - {" + "x" * 101 + "}\n", 100) == []
