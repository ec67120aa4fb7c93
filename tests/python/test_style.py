"""What CONVENTIONS.md asks of a file and no linter sees."""

from pathlib import Path

import pytest

from tools.project import ROOT

FOLDERS = ["models", "macros", "seeds", "tests", "analyses", "tools", "examples", "benchmarks"]
WIDTH = {".sql": 100, ".py": 120, ".yml": 120}
YAML_LINES = 400


def files(suffix: str) -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob(f"*{suffix}"))


def too_long(text: str, width: int) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), start=1) if len(line) > width]


@pytest.mark.parametrize("suffix", WIDTH)
def test_lines_fit_a_screen(suffix):
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files(suffix)
        for number in too_long(path.read_text(encoding="utf-8"), WIDTH[suffix])
        # A table of test cases is read across.
        if "# fmt: skip" not in path.read_text(encoding="utf-8")
    ]
    assert not found, f"longer than {WIDTH[suffix]} columns: {found}"


def test_a_long_line_is_seen():
    assert too_long("short\n" + "x" * 101 + "\n", 100) == [2]


def test_yaml_files_stay_short():
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files(".yml")}
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > YAML_LINES} == {}
