"""What the charts hold, read from their specifications: each page is run without a browser, on real output."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow
import pytest
from conftest import query
from streamlit.testing.v1 import AppTest

VIEWS = ("overview", "segments", "segment_detail", "experiments", "performance", "activation", "data_health")


def opened(monkeypatch, published: Path, view: str, **address: str) -> AppTest:
    """A page of the app as Streamlit would send it to a browser."""

    def script(view: str) -> None:
        import importlib

        importlib.import_module(f"dashboard.views.{view}").show()

    monkeypatch.setenv("TESSERA_PUBLISHED", str(published))
    app = AppTest.from_function(script, kwargs={"view": view}, default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def charts(app: AppTest) -> list[dict]:
    """Each chart as its specification; the rows that Streamlit sends beside it stand in it."""
    found = []
    for sent in app.get("vega_lite_chart"):
        beside = pyarrow.ipc.open_stream(sent.proto.data.data).read_all().to_pylist() if sent.proto.data.data else []
        found.append({"data": {"values": beside}} | json.loads(sent.proto.spec))
    return found


def layers(chart: dict) -> Iterator[tuple[dict, list[dict]]]:
    """Each layer that stands for rows, with its rows; the line of no effect stands for none."""
    for layer in chart.get("layer", [chart]):
        found = layer.get("data", chart["data"])["values"]
        if found not in ([{"none": 0}], [{"one": 1}]):
            yield layer, found


def written(app: AppTest) -> str:
    """All text of a page."""
    return " ".join(
        [re.sub(r"<[^>]+>", "", found.proto.body) for found in app.get("html")]
        + [found.value for kind in ("caption", "markdown", "info", "warning") for found in app.get(kind)]
    )


@pytest.fixture(scope="module")
def two_arms(published, tmp_path_factory) -> tuple[Path, str]:
    """An experiment with a second treatment arm, the same figures again; and its name."""
    path = Path(shutil.copy(published, tmp_path_factory.mktemp("arms") / "tessera.duckdb"))
    ((key,),) = query(path, "select experiment_key from segment_lifts where raw_ci_low is not null group by all order by count(*) desc limit 1")
    with duckdb.connect(str(path)) as connection:
        for (mart,) in connection.execute(
            "select table_name from duckdb_columns() where column_name in ('experiment_key', 'arm_key') group by all having count(*) = 2"
        ).fetchall():
            control = " and not is_control" if mart == "experiment_arms" else ""
            connection.execute(f"insert into {mart} select * replace ('second' as arm_key) from {mart} where experiment_key = ? {control}", [key])
        connection.execute("update experiment_readouts set relative_ci_low = null, relative_ci_high = null where arm_key = 'second'")
    return path, key


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_of_one_arm_of_several_names_it(monkeypatch, two_arms, view):
    path, key = two_arms
    app = opened(monkeypatch, path, view)
    if view == "experiments":
        app.selectbox[0].set_value(key).run()
        assert re.search(rf"{key}: second[^.]*: drawn by itt", written(app))
    if view == "overview":
        assert f"{key}: second" in written(app) and f"{key}: reminder" in written(app)
    # Verdicts, methods, both figures of segments; and iROAS.
    of_arms = [found for chart in charts(app) for _, found in layers(chart) if "arm_key" in found[0]]
    assert len(of_arms) >= {"experiments": 6, "performance": 2}.get(view, 0)
    for found in of_arms:
        for name in {row["_of"] for row in found}:
            assert len({(row["experiment_key"], row["arm_key"]) for row in found if row["_of"] == name}) == 1, name


def test_what_went_to_the_whole_family_is_said_to_have(monkeypatch, published, tmp_path):
    """A campaign that names cart_abandoners is for each of its segments, and none of them alone."""
    path = Path(shutil.copy(published, tmp_path / "tessera.duckdb"))
    own, family = query(path, "select segment_id, family from segments where segment_id <> family order by 1 limit 1")[0]

    def shown(change: str, name: str, *row: object) -> tuple[str, set[str]]:
        with duckdb.connect(str(path)) as connection:
            connection.execute(change, [name, *row])
        app = opened(monkeypatch, path, "segment_detail", segment=own)
        of = [rows for chart in charts(app) for _, rows in layers(chart) if "spend_amount" in rows[0]]
        return written(app), {row["segment_id"] for rows in of for row in rows}

    add = "insert into segment_performance (segment_id, delivery_date, spend_amount, currency_code) values (?, '2026-04-01', ?, 'USD')"
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from segment_performance")
    said, drawn = shown(add, family, 300)
    assert f"All of it is by campaigns that name the family {family}" in said and drawn == {family}
    said, drawn = shown(add, own, 20)
    assert f"300.00 USD of it is by campaigns that name the family {family}" in said and drawn == {own, family}
    said, drawn = shown("delete from segment_performance where segment_id = ?", family)
    assert "name the family" not in said and drawn == {own}


@pytest.mark.parametrize("view", VIEWS)
def test_a_table_without_a_row_is_a_sentence(monkeypatch, published, tmp_path, view):
    path = Path(shutil.copy(published, tmp_path / "tessera.duckdb"))
    with duckdb.connect(str(path)) as connection:
        # Experiments and segments are defined; nothing is known of them.
        for (mart,) in connection.execute("select table_name from duckdb_tables() where table_name not in ('publication', 'segments', 'experiments')").fetchall():
            connection.execute(f"delete from {mart}")
    app = opened(monkeypatch, path, view)
    tables = [found.proto.body for found in app.get("html") if "<table" in found.proto.body]
    assert all("<tbody></tbody>" not in table for table in tables)


def test_what_dbt_ran_last_is_said_or_that_it_is_not_known(monkeypatch, published, tmp_path):
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    asked = [{"unique_id": f"test.tessera.t{number}.1", "status": "fail"} for number in range(7)]
    for content, sentence in (
        (None, f"What dbt ran last is not known here: {tmp_path / 'run_results.json'} is missing, cannot be read, or names no test."),
        ({"metadata": {"generated_at": "2026-05-01T07:01:02.5Z"}, "results": asked[:1]}, "dbt's last run failed in t0."),
        ({"metadata": {"generated_at": "2026-05-01T07:01:02.5Z"}, "results": asked}, "dbt's last run failed in t0, t1, t2, t3, t4 and 2 more."),
    ):
        if content:
            (tmp_path / "run_results.json").write_text(json.dumps(content))
        assert sentence in written(opened(monkeypatch, published, "data_health"))


@pytest.mark.parametrize("view", VIEWS)
def test_every_mark_says_on_hover_what_it_counts(monkeypatch, published, view):
    found = charts(opened(monkeypatch, published, view))
    assert found
    for chart in found:
        assert chart["description"]
        for layer, _ in layers(chart):
            assert all(one["title"] for one in layer["encoding"]["tooltip"])
