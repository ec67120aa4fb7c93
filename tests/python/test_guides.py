"""What the guides for newcomers tell people to run, run: the queries and the bridge of docs/connecting-bi.md, the questions
of docs/adopting.md, and the links of all of them."""

import re
from pathlib import Path

import duckdb
import pytest
import sqlglot

from examples.sources import export
from tools import project
from tools.project import ROOT

GUIDES = ["adopting", "ci", "connecting-bi", "extending", "glossary", "faq-lifts"]


def text_of(guide: str) -> str:
    return (ROOT / "docs" / f"{guide}.md").read_text(encoding="utf-8")


def blocks(guide: str, language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text_of(guide), re.DOTALL | re.MULTILINE)
    return [re.sub(f"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


@pytest.fixture(scope="module")
def marts(contracts) -> duckdb.DuckDBPyConnection:
    """Every public mart, empty."""
    connection = duckdb.connect()
    for name, columns in contracts.items():
        listed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        connection.execute(f"create table {name} ({listed})")
    return connection


@pytest.mark.parametrize("number", range(3))
def test_the_questions_to_the_marts_ask_for_columns_that_there_are(marts, number):
    queries = blocks("connecting-bi", "sql")
    assert len(queries) == 3
    assert marts.execute(queries[number]).fetchall() == []
    sqlglot.transpile(queries[number], read="spark", error_level=sqlglot.ErrorLevel.RAISE)


def test_sizes_change_from_build_to_build(marts):
    with marts.cursor() as connection:
        connection.execute("begin")
        connection.execute("insert into segments by name select 'a@7d' as segment_id, 'a' as family")
        connection.execute("""
            insert into segment_sizes by name
            select 'a@7d' as segment_id, day as as_of_date, size as member_count, 'ok' as size_status
            from (values (date '2026-03-01', 10), (date '2026-03-02', 14)) as days (day, size)
        """)
        found = connection.execute(blocks("connecting-bi", "sql")[0]).fetchall()
        assert [row[3:5] for row in found] == [(10, None), (14, 4)]
        connection.execute("""
            insert into audience_members by name
            select 'newsletter' as destination_key, 'a@7d' as segment_id, person as customer_id
            from (values ('c1'), ('c2')) as people (person)
        """)
        # The newest size counts.
        assert connection.execute(blocks("connecting-bi", "sql")[2]).fetchall() == [("newsletter", "a@7d", 14, 2, 12)]
        connection.execute("rollback")


def test_the_bridge_shows_what_is_published_now(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data/published/tessera_parquet"
    folder.mkdir(parents=True)
    duckdb.sql("select 1 as n").write_parquet(str(folder / "segment_sizes.parquet"))
    (code,) = blocks("connecting-bi", "python")
    for _ in range(2):
        exec(compile(code, "connecting-bi.md", "exec"), {})
    duckdb.sql("select 2 as n").write_parquet(str(folder / "segment_sizes.parquet"))
    with duckdb.connect(str(tmp_path / "data/published/bridge.duckdb"), read_only=True) as connection:
        assert connection.execute("select n from segment_sizes").fetchall() == [(2,)]
    # The storage version of DuckDB 1.0, from the file's header.
    assert (tmp_path / "data/published/bridge.duckdb").read_bytes()[12] == 64


def test_the_questions_to_the_raw_files_can_be_asked(tmp_path, marts, monkeypatch):
    for system in ("segment", "shopify"):
        warehouse = tmp_path / f"{system}.duckdb"
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute((export.folder_of(system) / "schema.sql").read_text())
            connection.execute((export.SOURCES / system / "fixture.sql").read_text())
        export.export(system, tmp_path / "data/own", warehouse)
    monkeypatch.chdir(tmp_path)
    refused, products, names = blocks("adopting", "sql")
    assert marts.execute(refused).fetchall() == []
    # The fixtures call the same product p1 and 1: none is found, which is what the question is for.
    assert duckdb.sql(products).fetchall() == [(3, 0)]
    assert ("page_viewed", 4) in duckdb.sql(names).fetchall()


def test_the_guide_names_every_select_and_every_system_by_its_command():
    text = text_of("adopting")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for system in export.systems():
        for table in export.selects(system):
            file = table.replace("/", "__") + ".sql"
            folder = export.SAME_AS.get(system, system)
            assert any(folder in row and file in row and table in row for row in rows), f"{folder}/{file}"
    for command in re.findall(r"-m examples\.sources\.export (\w+)", text):
        assert command in export.systems()


def test_the_contract_has_as_many_tables_as_the_guide_says():
    assert len(project.contract_tables()) == 14 and "reads fourteen tables" in text_of("adopting")


def test_the_seeds_that_the_guide_says_may_be_empty_may_be(dbt, tmp_path, raw_without_rows):
    """Its sixth step, done: those that it names first are emptied, two more keep the row that they need."""
    (step,) = re.findall(r"^6\. (.*?)^7\. ", text_of("adopting"), re.DOTALL | re.MULTILINE)
    emptied, kept = (re.findall(r"`(\w+)\.csv`", part) for part in step.split("Three others"))
    copy = project.copy_to(tmp_path / "adopted")
    assert {*emptied, *kept} >= {"blocked_placements", "segment_creatives", "sensitive_topics", "quiet_hours"}
    for name in emptied:
        seed = copy / f"seeds/{name}.csv"
        seed.write_text(seed.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    for name, first in (("segment_creatives", ","), ("quiet_hours", "other,")):
        seed = copy / f"seeds/{name}.csv"
        header, *rows = seed.read_text(encoding="utf-8").splitlines()
        seed.write_text("\n".join([header, *(row for row in rows if row.startswith(first))]) + "\n", encoding="utf-8")
    result = dbt("build", "--select", "resource_type:seed", project=copy, TESSERA_RAW=str(raw_without_rows))
    assert result.success, result.exception or [one.message for one in result.result.results if one.status == "fail"]


def test_the_page_on_lifts_says_what_the_simulation_shows():
    shares = re.findall(r"pooled, (\d+ %) of it", text_of("simulation"))
    assert len(shares) == 2
    said = " ".join(text_of("faq-lifts").split())
    assert f"mean squared error is {shares[0]} of the raw one's where all effects are the same, and {shares[1]} where" in said


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("guide", GUIDES)
def test_links_lead_somewhere(guide):
    page = ROOT / "docs" / f"{guide}.md"
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", page.read_text(encoding="utf-8"))
    assert links
    for target, anchor in links:
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), f"{target}#{anchor}"
