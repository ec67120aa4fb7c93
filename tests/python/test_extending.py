"""docs/extending.md, done: each block in its turn, on a copy of the project and a small demo.

A block with a path before it is that file, or rows at the end of it where it is there; a `diff` is applied, `sh` is run,
and `sql` is asked of the database that was built and gives what the `text` after it says.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tools.project import PARTS, ROOT, copy_to

PAGE = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>\w+)\n(?P<text>.*?)^ *```$", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"`((?:exports|examples|seeds)/[\w/]+\.\w+)`")


@dataclass
class Block:
    language: str
    text: str
    path: str | None


def blocks(page: str) -> list[Block]:
    """Of a page, in their order. A path is that of the paragraph right before the block."""
    found, end = [], 0
    for match in BLOCK.finditer(page):
        text = re.sub(f"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
        before = page[end:match.start()].rstrip()
        paths = NAMED.findall(before[before.rfind("\n\n") + 1:])
        found.append(Block(match["language"], text, paths[-1] if paths and match["language"] in ("csv", "sql") else None))
        end = match.end()
    return found


class Reader:
    """Somebody who does what the page says, in a checkout of the project."""

    def __init__(self, folder: Path) -> None:
        self.folder = copy_to(folder / "project", (*PARTS, "tools", "examples", "profiles.yml.example"))
        (self.folder / "profiles.yml").write_text((self.folder / "profiles.yml.example").read_text())
        (self.folder / ".venv").symlink_to(sys.prefix)
        (self.folder / "data").mkdir()
        ours = ("TESSERA_", "DBT_")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.answer: list[str] = []

    def do(self, block: Block) -> None:
        if block.path:
            self.write(self.folder / block.path, block.text)
        elif block.language == "sh":
            self.run("bash", "-ec", block.text)
            self.environment |= dict(re.findall(r"\b(TESSERA_\w+)=(\S+)", block.text))
        elif block.language == "diff":
            self.run("git", "apply", "--verbose", "-", given=block.text)
        elif block.language == "sql":
            with duckdb.connect(str(self.folder / self.environment["TESSERA_DATABASE"]), read_only=True) as connection:
                rows = connection.execute(block.text).fetchall()
            self.answer = [" | ".join(map(str, row)) for row in rows]
        else:
            assert block.language == "text" and block.text.splitlines() == self.answer, (block.text, self.answer)

    def write(self, file: Path, text: str) -> None:
        if file.exists():
            text = file.read_text(encoding="utf-8").rstrip("\n") + "\n" + text
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run(self, *command: str, given: str = "") -> None:
        # Nothing above the copy is its repository: git would leave out a file that it does not know.
        environment = self.environment | {"GIT_CEILING_DIRECTORIES": str(self.folder.parent)}
        done = subprocess.run(command, cwd=self.folder, env=environment, input=given, capture_output=True, text=True)
        assert done.returncode == 0, (command[-1], done.stdout[-3000:], done.stderr[-1000:])


def test_the_page_has_the_blocks_that_are_done():
    languages = [block.language for block in blocks(PAGE)]
    assert [languages.count(one) for one in ("sh", "csv", "sql", "diff", "text")] == [4, 3, 5, 1, 3]
    assert len(re.findall(r"^ *```", PAGE, re.MULTILINE)) == 2 * len(languages)
    assert [block.path for block in blocks(PAGE) if block.path] == [
        "exports/till/receipts.csv", "examples/sources/till/schema.sql", "examples/sources/till/shop__orders.sql",
        "seeds/event_types.csv", "seeds/metrics.csv",
    ]


def test_the_page_can_be_done_as_it_stands(tmp_path):
    reader = Reader(tmp_path)
    for block in blocks(PAGE):
        reader.do(block)


def test_what_a_build_warns_of_is_what_the_page_says():
    (said,) = re.findall(r"`\.\.\.\s(events\sare\snamed\s.*?)`", PAGE, re.DOTALL)
    test = (ROOT / "tests/staging/assert_event_names_are_known.sql").read_text(encoding="utf-8")
    assert " ".join(said.split()).removeprefix("events are named wishlist_item_added") in test
    assert "' events are named '" in test


@pytest.mark.parametrize("page", [
    "```sql\nselect 1\n```\n\n```text\n2\n```\n",
    "`seeds/none.csv`:\n\n```sh\nfalse\n```\n",
    "```diff\n--- a/vars.yml\n+++ b/vars.yml\n@@ -1,2 +1,2 @@\n nothing of the kind\n-here\n+there\n```\n",
])
def test_a_page_that_does_not_hold_fails(tmp_path, page):
    reader = Reader(tmp_path)
    reader.environment["TESSERA_DATABASE"] = "data/none.duckdb"
    duckdb.connect(str(reader.folder / "data/none.duckdb")).close()
    with pytest.raises(AssertionError):
        for block in blocks(page):
            reader.do(block)
