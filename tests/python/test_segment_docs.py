"""docs/segments.md says what the YAML of the families says, whichever families there are."""

import re
import shutil
from pathlib import Path

import pytest

from tools import segment_docs
from tools.project import ROOT

SQL = "select 1 as customer_id"
YAML = """
models:
  - name: seg_{family}
    description: >
      One row per customer who reads
      a | b.
    config:
      meta:
        owner: editors
        purpose: To be <read>
        signals: [reads, rests]
        retention_days: 9
        priority: 4
        kind: exclusion
        max_size: 12000
        excludes: [recent_purchasers]
        something_new: [1, 2]
    columns:
      - name: lookback_days
        description: {window}
      - name: variant
        description: {variant}
"""


def add(root: Path, theme: str, family: str, window: str = "A week.", variant: str = "The kind.") -> Path:
    folder = root / segment_docs.FAMILIES / theme
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seg_{family}.sql").write_text(SQL)
    path = folder / f"seg_{family}.yml"
    path.write_text(YAML.format(family=family, window=window, variant=variant))
    return path


def test_the_page_is_what_the_families_say():
    written = (ROOT / segment_docs.PAGE).read_text(encoding="utf-8")
    assert written == segment_docs.page(segment_docs.read_families()), (
        f"{segment_docs.PAGE} is not what the families' YAML says: run `{segment_docs.COMMAND}` and commit it"
    )


def test_every_family_is_on_the_page_once():
    written = (ROOT / segment_docs.PAGE).read_text(encoding="utf-8")
    for sql in (ROOT / segment_docs.FAMILIES).glob("*/seg_*.sql"):
        assert written.count(f"../{sql.with_suffix('.yml').relative_to(ROOT).as_posix()})") == 1, sql.name


def test_links_lead_somewhere():
    written = (ROOT / segment_docs.PAGE).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)]+)\)", written):
        path, _, anchor = link.partition("#")
        target = (ROOT / "docs" / path) if path else ROOT / segment_docs.PAGE
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [heading.lower().replace(" ", "-") for heading in headings], link


def test_a_family_is_told_in_full(tmp_path):
    add(tmp_path, "b_theme", "late")
    add(tmp_path, "b_theme", "early", window="Always null; the family has no window.")
    add(tmp_path, "a_theme", "plain", variant="Always null; the family has no variants.")
    families = segment_docs.read_families(tmp_path)
    text = segment_docs.page(families)
    assert segment_docs.page(segment_docs.read_families(tmp_path)) == text
    assert [family.pattern for family in families] == ["plain@<N>d", "early/<variant>", "late/<variant>@<N>d"]
    assert re.findall("^## (.*)$", text, re.MULTILINE) == ["A theme", "B theme"]
    assert "Themes: [A theme](#a-theme), [B theme](#b-theme)." in text
    (line,) = [line for line in text.splitlines() if "`late/" in line]
    cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    assert dict(zip(segment_docs.HEADER, cells)) == {
        "segments": "[`late/<variant>@<N>d`](../models/segments/b_theme/seg_late.yml)",
        "who is in": r"Customer who reads a \| b.",
        "what for": "To be &lt;read>",
        "signals": "reads, rests",
        "window": "A week.",
        "variant": "The kind.",
        "kind": "exclusion",
        "priority": "4",
        "retention": "9 days",
        "owner": "editors",
        "also": "audiences leave out recent_purchasers; at most 12,000 members; something_new 1, 2",
    }


@pytest.mark.parametrize(("broken", "said"), [
    (None, "no YAML beside it; put seg_one.yml there"),
    ("models: [", "seg_one.yml: while parsing"),
    ("models:\n  - name: seg_other", "`models` has no entry with the name seg_one"),
    ("- a list", "`models` has no entry with the name seg_one"),
    ("models:\n  - name: seg_one\n    config: {meta: {owner: me}}", "lacks config.meta.purpose, config.meta.signals"),
])  # fmt: skip
def test_a_family_that_cannot_be_described_names_its_file(tmp_path, broken, said):
    path = add(tmp_path, "theme", "one")
    path.unlink() if broken is None else path.write_text(broken)
    with pytest.raises(segment_docs.CannotWrite) as raised:
        segment_docs.read_families(tmp_path)
    assert str(raised.value).startswith("models/segments/theme/seg_one.") and said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_commands_write_and_check(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(segment_docs.project, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    path = add(tmp_path, "theme", "one")
    assert segment_docs.main(["--check"]) == 1
    assert f"run `{segment_docs.COMMAND}`" in capsys.readouterr().err
    for said in ("written anew", "as before"):
        assert segment_docs.main([]) == 0 and segment_docs.main(["--check"]) == 0
        assert capsys.readouterr().out == f"docs/segments.md: 1 family, {said}\n"
    path.write_text(path.read_text().replace("priority: 4", "priority: 5"))
    assert segment_docs.main(["--check"]) == 1
    shutil.copy(path, path.with_name("seg_one.md"))
    path.unlink()
    assert segment_docs.main([]) == 1 and "seg_one.sql" in capsys.readouterr().err


def test_a_column_that_the_sql_leaves_null_is_said_to_be():
    """The ids on the page follow from the descriptions, so these have to say what the SQL does."""
    wrong = []
    for family in segment_docs.read_families():
        sql = (ROOT / family.path).with_suffix(".sql").read_text(encoding="utf-8")
        for column in ("lookback_days", "variant"):
            if re.search(rf"cast\(\s*null as [^\n]*\) as {column}\b", sql) and family.uses(column):
                wrong.append(f"{family.path}: {column} is null in the SQL; its description begins with Always null")
    assert not wrong
