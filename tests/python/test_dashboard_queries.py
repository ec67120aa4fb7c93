"""What the dashboard asks, asked of the marts as their contracts are, without Streamlit.

An empty published file is made from the contracts: a column that a query names and no mart has fails here, in a change
to the mart, and not before a person's eyes. The figures are held against rows that were worked out by hand.
"""

import json
import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from dashboard import data, dbt_tests, present, queries

ALL = {name: query for name, query in vars(queries).items() if isinstance(query, data.Query)}
PARAMETERS = {
    "search": "", "kind": "all", "size_status": "all", "segments": ["carts", "visitors"], "segment": "carts", "family": "carts",
    "experiment": "reminder", "metric": "purchase_rate", "dimension": "segment",
}
PUBLICATION = """
    create table publication (
        mart_name text primary key, row_count bigint not null, as_of timestamp not null, published_at timestamp not null, sha256 text
    )
"""


@pytest.fixture(scope="session")
def empty(tmp_path_factory, contracts) -> Path:
    """A publication whose marts have no row."""
    path = tmp_path_factory.mktemp("published") / "empty.duckdb"
    with duckdb.connect(str(path)) as connection:
        for mart, columns in contracts.items():
            connection.execute(f"create table {mart} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        connection.execute(PUBLICATION)
        connection.execute("insert into publication values ('customers', 0, '2026-05-01', '2026-05-01 07:00:00', '')")
    return path


@pytest.fixture
def published(tmp_path, empty) -> Path:
    """A copy of it that the test may fill."""
    return Path(shutil.copy(empty, tmp_path / "tessera.duckdb"))


def fill(path: Path, **tables: list[dict]) -> None:
    with duckdb.connect(str(path)) as connection:
        for table, rows in tables.items():
            for row in rows:
                marks = ", ".join("?" for _ in row)
                connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))


@pytest.mark.parametrize(("exposure", "reader"), [("dashboard", "views"), ("report", "report.py")])
def test_the_exposures_name_what_is_read(artifacts, contracts, exposure, reader):
    manifest = json.loads((artifacts / "manifest.json").read_text(encoding="utf-8"))
    (found,) = [one for one in manifest["exposures"].values() if one["name"] == exposure]
    place = Path(data.__file__).parent / reader
    code = "".join(path.read_text(encoding="utf-8") for path in (sorted(place.glob("*.py")) if place.is_dir() else [place]))
    read = {mart for name in re.findall(r"queries\.([A-Z_]+)", code) if name in ALL for mart in ALL[name].marts}
    assert {manifest["nodes"][key]["alias"] for key in found["depends_on"]["nodes"]} == read & set(contracts)


def test_every_query_names_its_marts():
    for name, query in ALL.items():
        read = set(re.findall(r"(?:from|join) ([a-z_]+)", re.sub(r"with\s+[a-z_]+ as", "", query.sql)))
        own = set(re.findall(r"([a-z_]+) as \(", query.sql))
        assert read - own - {"duckdb_columns"} == set(query.marts), name


@pytest.mark.parametrize("name", ALL)
def test_a_query_fits_the_contracts(published, contracts, name):
    missing = [mart for mart in ALL[name].marts if mart not in {*contracts, "publication"}]
    assert not missing
    data.rows(published, ALL[name], **PARAMETERS)


def test_what_is_asked_is_read():
    """A query that nobody asks, and a column that a query names and nobody reads, only look as if they were shown."""
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(data.__file__).parent.rglob("*.py")) if path.name != "queries.py")
    assert [name for name in ALL if not re.search(rf"\bqueries\.{name}\b", code)] == []
    for name, query in ALL.items():
        named = set(selected(query)) - {f"{who}_{feature}" for who in ("member", "all") for feature in queries.FEATURES}
        assert [column for column in sorted(named) if not re.search(rf"""["']{column}["':]""", code)] == [], name


def selected(query: data.Query) -> list[str]:
    """The columns that a statement names."""
    with duckdb.connect() as connection:
        tree = connection.execute("select json_serialize_sql(?)", [re.sub(r"\$[a-z_]+", "'x'", query.sql)]).fetchone()[0]
    last = json.loads(tree)["statements"][0]["node"]
    first = last.get("children", [last])[0]
    items = [item for item in first["select_list"] if item["class"] != "STAR"]
    return [item.get("alias") or item["column_names"][-1] for item in items]


def columns(path: Path, query: data.Query) -> set[str]:
    """What the rows of a query hold, by the engine: `select *` is no column, what it stands for is."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return {column[0] for column in connection.execute(query.sql, data.used(query, PARAMETERS)).description}


def test_no_query_names_a_person(published, contracts):
    somebody = {name for columns in contracts.values() for name in columns if re.search(r"(^|_)(customer_id|person_id|unit_id|sha256|identifier_id|identifier_value|row_key)$", name)}
    assert {"customer_id", "former_customer_id", "unit_id", "email_sha256"} <= somebody
    assert "customer_id" in columns(published, data.Query("select * from audience_members", ("audience_members",)))
    for name, query in ALL.items():
        assert not somebody & columns(published, query), name


def test_reach_leaves_staff_and_bots_out(published):
    known = {"is_known": True, "is_targetable": True, "order_count": 0}
    fill(published, customers=[
        known | {"customer_id": "ads", "has_ad_consent": True, "has_email_consent": False, "order_count": 2},
        known | {"customer_id": "both", "has_ad_consent": True, "has_email_consent": True},
        known | {"customer_id": "none", "has_ad_consent": False, "has_email_consent": False},
        known | {"customer_id": "staff", "is_targetable": False, "has_ad_consent": True, "has_email_consent": True},
        known | {"customer_id": "visitor", "is_known": False, "has_ad_consent": False, "has_email_consent": False},
    ])
    (found,) = data.rows(published, queries.CUSTOMERS)
    assert {name: found[name] for name in ("customers", "known", "targetable", "reach", "ad_reach", "email_reach", "buyers")} == {
        "customers": 5, "known": 4, "targetable": 4, "reach": 2, "ad_reach": 2, "email_reach": 1, "buyers": 1,
    }


def segment(segment_id: str, members: int, status: str, **more: object) -> dict:
    return {"segment_id": segment_id, "as_of_date": "2026-05-01", "member_count": members, "size_status": status} | more


def test_the_catalogue_is_searched_and_shows_today(published):
    fill(
        published,
        segments=[
            {"segment_id": "carts@7d", "kind": "audience", "purpose": "Bring a Cart home", "signals": "orders"},
            {"segment_id": "buyers", "kind": "exclusion", "purpose": "Leave them alone", "signals": "orders"},
        ],
        segment_sizes=[
            segment("carts@7d", 40, "ok"), segment("buyers", 900, "too_large"),
            segment("carts@7d", 3, "too_small", as_of_date="2026-04-01"),
        ],
        segment_stability=[
            {"segment_id": "carts@7d", "as_of_date": "2026-05-01", "previous_as_of_date": "2026-04-01", "entered_count": 38, "exited_count": 1},
            {"segment_id": "buyers", "as_of_date": "2026-05-01", "previous_as_of_date": None, "entered_count": 900, "exited_count": 0},
        ],
    )

    def found(search: str = "", kind: str = "all", size_status: str = "all") -> list[tuple]:
        rows = data.rows(published, queries.CATALOGUE, search=search, kind=kind, size_status=size_status)
        return [(row["segment_id"], row["member_count"], row["entered_count"], row["match_count"]) for row in rows]

    carts, buyers = ("carts@7d", 40, 38), ("buyers", 900, None)
    assert found() == [(*buyers, 2), (*carts, 2)], "the largest first; who came is unknown on the first day"
    assert found("CART") == [(*carts, 1)] and found("%") == []
    assert found(kind="exclusion") == [(*buyers, 1)] and found(size_status="ok") == [(*carts, 1)]


def test_a_segment_without_a_member_is_not_one_that_is_too_small(published):
    names = ("empty", "small", "fine")
    fill(
        published,
        segments=[{"segment_id": name, "kind": "audience"} for name in names],
        segment_sizes=[segment("empty", 0, "too_small"), segment("small", 3, "too_small"), segment("fine", 90, "ok")],
    )

    def found(size_status: str) -> list[str]:
        return [row["segment_id"] for row in data.rows(published, queries.CATALOGUE, search="", kind="all", size_status=size_status)]

    assert {row["size_status"]: row["segments"] for row in data.rows(published, queries.SIZE_STATUS)} == {"no_members": 1, "too_small": 1, "ok": 1}
    assert (found("too_small"), found("no_members"), found("ok")) == (["small"], ["empty"], ["fine"])
    (one,) = data.rows(published, queries.SEGMENT, segment="empty")
    assert one["size_status"] == "no_members"


def test_a_list_that_is_cut_says_of_how_many(published):
    """Each query with a limit counts what it leaves out, and its page says so."""
    cut = [name for name, query in ALL.items() if re.search(r"\blimit\b", query.sql)]
    assert len(cut) >= 4
    views = "".join(path.read_text(encoding="utf-8") for path in (Path(data.__file__).parent / "views").glob("*.py"))
    for name in cut:
        assert "match_count" in columns(published, ALL[name]), name
        (shown,) = re.findall(rf"(\w+) = (?:present\.with_arms\()?page\.rows\(\s*queries\.{name}\b", views)
        assert f"present.shown_of({shown}," in views, name
    fill(published, segments=[{"segment_id": f"s{number:03}", "kind": "audience"} for number in range(queries.LISTED + 1)])
    found = data.rows(published, queries.CATALOGUE, search="", kind="all", size_status="all")
    assert present.shown_of(found, "segment", "largest") == "51 segments; the 50 largest are shown."
    assert present.shown_of(data.rows(published, queries.CATALOGUE, search="s007", kind="all", size_status="all"), "segment", "largest") == "1 segment."


def test_features_are_those_of_the_window_that_holds_the_segments(published):
    people = {"one": (True, 6), "two": (True, 2), "three": (True, 1), "bot": (False, 1000)}
    fill(
        published,
        segments=[{"segment_id": "carts", "lookback_days": 8}],
        segment_memberships=[{"segment_id": "carts", "customer_id": "one"}, {"segment_id": "carts", "customer_id": "two"}],
        customers=[{"customer_id": name, "is_targetable": targetable} for name, (targetable, _) in people.items()],
        customer_features=[
            {"customer_id": name, "lookback_days": days, "session_count": sessions * (1 if days == 14 else 100)}
            for name, (_, sessions) in people.items()
            for days in (7, 14, 30)
        ],
    )
    (found,) = data.rows(published, queries.SEGMENT_FEATURES, segment="carts")
    assert (found["lookback_days"], found["members"], found["population"]) == (14, 2, 3)
    assert (found["member_session_count"], found["all_session_count"]) == (4, 3)


def test_a_lift_without_a_relative_interval_is_drawn_by_itt_once_it_is_complete(published):
    readout = {"arm_key": "t", "metric_key": "m", "is_primary": True, "absolute_lift": 0.1, "relative_lift": 0.5}
    result = {"arm_key": "t", "metric_key": "m", "method": "itt", "slice": "all", "relative_lift": 0.4, "relative_ci_low": 0.1, "relative_ci_high": 0.7}
    keys = ("own", "borrowed", "early", "invalid")
    fill(
        published,
        experiments=[{"experiment_key": key} for key in keys],
        experiment_results=[result | {"experiment_key": key} for key in keys],
        experiment_readouts=[
            readout | {"experiment_key": "own", "is_complete": True, "relative_ci_low": 0.2, "relative_ci_high": 0.8},
            readout | {"experiment_key": "borrowed", "is_complete": True},
            readout | {"experiment_key": "early", "is_complete": False},
            readout | {"experiment_key": "invalid", "is_complete": True, "absolute_lift": None},
        ],
    )
    drawn = {
        row["experiment_key"]: (row["drawn_lift"], row["drawn_ci_low"], row["drawn_ci_high"], row["is_drawn_by_itt"])
        for row in data.rows(published, queries.READOUTS)
    }
    assert drawn == {
        "own": (0.5, 0.2, 0.8, False), "borrowed": (0.4, 0.1, 0.7, True),
        "early": (None, None, None, False), "invalid": (None, None, None, False),
    }


def test_what_cannot_be_shown_is_a_sentence(published, tmp_path):
    def said(path: Path, query: data.Query = queries.CUSTOMERS) -> str:
        with pytest.raises(data.CannotShow) as reason:
            data.rows(path, query)
        return str(reason.value)

    nowhere = tmp_path / "nowhere.duckdb"
    assert said(nowhere) == f"Nothing is published at {nowhere}: run `make build`."
    garbage = tmp_path / "garbage.duckdb"
    garbage.write_text("no database")
    assert said(garbage).startswith(f"The published file {garbage} cannot be read")
    with duckdb.connect(str(published)) as connection:
        connection.execute("alter table customers drop column is_known; drop table rejected_rows")
    assert "another shape than this page expects of `customers`" in said(published)
    assert said(published, queries.REJECTS).startswith("The published file has no mart `rejected_rows`")


def test_the_next_publication_is_seen(published, tmp_path):
    before, version = data.rows(published, queries.CUSTOMERS)[0]["customers"], data.version(published)
    other = tmp_path / "other.duckdb"
    other.write_bytes(published.read_bytes())
    fill(other, customers=[{"customer_id": "new"}])
    other.replace(published)
    assert (before, data.rows(published, queries.CUSTOMERS)[0]["customers"]) == (0, 1)
    assert data.version(published) != version


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Etc/GMT-14", "UTC"])
def test_the_age_of_a_publication_is_the_same_in_every_time_zone(monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        now = datetime.now(UTC).replace(tzinfo=None)
        assert [present.days_since(now - timedelta(hours=hours)) for hours in (1, 23, 25, 47, 49)] == [0, 0, 1, 1, 2]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_dbt_ran_last(tmp_path, monkeypatch):
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    file = tmp_path / "run_results.json"
    assert dbt_tests.results() is None
    file.write_text("{}")
    assert dbt_tests.results() is None
    asked = (("test.tessera.a.1", "pass"), ("unit_test.tessera.m.u", "pass"), ("test.tessera.b.2", "warn"), ("test.tessera.c.3", "fail"),
             ("test.tessera.d.4", "error"), ("model.tessera.m", "error"))
    results = [{"unique_id": key, "status": status} for key, status in asked]
    file.write_text(json.dumps({"metadata": {"generated_at": "2026-05-01T07:01:02.5Z"}, "results": results}))
    assert dbt_tests.results() == dbt_tests.Results("2026-05-01 07:01 UTC", passed=2, warned=1, failed=2, names_of_failed=("c", "d"))
    file.write_text(json.dumps({"metadata": {"generated_at": "2026-05-01T07:01:02.5Z"}, "results": results[-1:]}))
    assert dbt_tests.results() is None, "a run that asked no test says nothing of them"
