"""What the charts hold, read from their specifications: each page is run without a browser, on real output."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow
import pytest
from conftest import query
from streamlit.testing.v1 import AppTest

from tools.project import ROOT

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
def daily(published, tmp_path_factory) -> Path:
    """With the lifts of eight days: none for two of them, since too few windows are complete, then what narrows down to a rise."""
    path = Path(shutil.copy(published, tmp_path_factory.mktemp("daily") / "tessera.duckdb"))
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            create or replace table experiment_cumulative_lifts as
            select
                experiment_key, arm_key, metric_key, date '2026-04-01' + cast(day as integer) as as_of_date, day as days_since_start,
                lift as absolute_lift, lift - 0.2 / day as ci_low, lift + 0.2 / day as ci_high,
                lift - 0.1 / day as fixed_ci_low, lift + 0.1 / day as fixed_ci_high, 20 * day as control_units, 21 * day as treatment_units,
                case when lift is null then 'an arm has fewer than two units' end as reason,
                day < 7 as is_as_in_result, true as is_readable
            from experiment_readouts
            cross join (select unnest(range(8)) as day)
            cross join lateral (select case when day > 1 then 0.05 + 0.02 / day end as lift)
        """)
    return path


@pytest.fixture(scope="module")
def two_arms(daily, tmp_path_factory) -> tuple[Path, str]:
    """An experiment with a second treatment arm, the same figures again; and its name."""
    path = Path(shutil.copy(daily, tmp_path_factory.mktemp("arms") / "tessera.duckdb"))
    ((key,),) = query(path, "select experiment_key from segment_lifts where raw_ci_low is not null group by all order by count(*) desc limit 1")
    with duckdb.connect(str(path)) as connection:
        for (mart,) in connection.execute(
            "select table_name from duckdb_columns() where column_name in ('experiment_key', 'arm_key') group by all having count(*) = 2"
        ).fetchall():
            control = " and not is_control" if mart == "experiment_arms" else ""
            connection.execute(f"insert into {mart} select * replace ('second' as arm_key) from {mart} where experiment_key = ? {control}", [key])
        # So few that no list of the largest has any of it; its sister is named all the same.
        connection.execute("update segment_lifts set control_units = 1, treatment_units = 1 where arm_key = 'second'")
        connection.execute("update experiment_slices set control_units = 1, treatment_units = 1 where arm_key = 'second'")
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
    # Verdicts, methods, days, slices, both figures of segments; and iROAS: points and their intervals.
    of_arms = [found for chart in charts(app) for _, found in layers(chart) if "arm_key" in found[0]]
    assert len(of_arms) >= {"experiments": 16, "performance": 2}.get(view, 0)
    for found in of_arms:
        for row in found:
            assert "_of" not in row or row["_of"].endswith(f": {row['arm_key']}") == (row["experiment_key"] == key), row["_of"]


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
def test_every_mark_says_on_hover_what_it_counts(monkeypatch, daily, view):
    found = charts(opened(monkeypatch, daily, view))
    assert found
    for chart in found:
        assert chart["description"]
        for layer, _ in layers(chart):
            assert all(one["title"] for one in layer["encoding"]["tooltip"])


@pytest.mark.parametrize("view", VIEWS)
def test_no_lift_is_drawn_without_its_interval(monkeypatch, daily, view):
    lifts = 0
    for chart in charts(opened(monkeypatch, daily, view)):
        drawn = [(layer["encoding"], rows) for layer, rows in layers(chart)]
        for axis in ("x", "y"):
            spans = [(encoding[axis]["field"], encoding[f"{axis}2"]["field"], rows) for encoding, rows in drawn if f"{axis}2" in encoding]
            between = {row_id(row) for low, high, rows in spans for row in rows if row[low] is not None and row[high] is not None}
            for encoding, rows in drawn:
                if re.search("(lift|iroas)$", encoding.get(axis, {}).get("field", "")):
                    lifts += len(rows)
                    assert {row_id(row) for row in rows} <= between, chart["description"]
    assert lifts >= {"experiments": 40, "performance": 1}.get(view, 0)


def row_id(row: dict) -> str:
    return json.dumps(row, default=str, sort_keys=True)


def test_the_lift_day_by_day(monkeypatch, daily, tmp_path):
    """Days without a figure are counted with their reason; the band, and not the ordinary interval, is drawn."""
    app = opened(monkeypatch, daily, "experiments")
    (found,) = [chart for chart in charts(app) if chart["description"].startswith("Line in its band over days")]
    drawn = list(layers(found))
    assert {len(rows) for _, rows in drawn} == {6} and {rows[0]["as_of_date"][:10] for _, rows in drawn} == {"2026-04-03"}
    assert {one for layer, _ in drawn for one in (layer["encoding"]["y"]["field"], layer["encoding"].get("y2", {}).get("field"))} == {
        "absolute_lift", "ci_low", "ci_high", None
    }
    assert "2 days without a figure: an arm has fewer than two units." in written(app)
    path = Path(shutil.copy(daily, tmp_path / "tessera.duckdb"))
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from experiment_cumulative_lifts where control_units <> 100")
    (found,) = [chart for chart in charts(opened(monkeypatch, path, "experiments")) if chart["description"].startswith("Line in its band over days")]
    (stroke,) = [layer["mark"] for layer, rows in layers(found) if layer["mark"]["type"] == "rule" and len(rows) == 1]
    assert stroke["opacity"] > 0, "one day has no band to stand in, so its interval is a stroke"
    assert "may be looked at every day" in written(app) and "may be looked at once" in written(app)
    assert "The days end with other units than the result" in written(app)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update experiment_cumulative_lifts set is_readable = false")
    app = opened(monkeypatch, path, "experiments")
    assert "Not to be read: a check of the experiment fails." in written(app)
    assert not [chart for chart in charts(app) if chart["description"].startswith("Line in its band over days")]
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop table experiment_cumulative_lifts")
    assert "no mart `experiment_cumulative_lifts`" in written(opened(monkeypatch, path, "experiments"))


def test_what_has_no_attribution_is_said_to_be_left_out(monkeypatch, published, tmp_path):
    path = Path(shutil.copy(published, tmp_path / "tessera.duckdb"))
    ((key,),) = query(path, "select min(experiment_key) from attribution_vs_incrementality")
    with duckdb.connect(str(path)) as connection:
        connection.execute("update attribution_vs_incrementality set attributed_conversions = case when experiment_key <> ? then 1 end", [key])
    assert f"{key}: not drawn, since no conversions are attributed" in written(opened(monkeypatch, path, "performance"))


def test_slices_are_tested_before_any_is_shown(monkeypatch, published, tmp_path):
    path = Path(shutil.copy(published, tmp_path / "tessera.duckdb"))
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from experiment_slices")
        for value, units, low, reading in (("DE", 60, 0.01, "of DE"), ("FR", 50, -0.2, "of FR"), ("IT", 1, None, "No figure: too few.")):
            connection.execute(
                "insert into experiment_slices by name select experiment_key, arm_key, metric_key, 'stratum' as dimension, ? as dimension_value,"
                " ? as control_units, ? as treatment_units, ?::double as ci_low, ci_low + 0.3 as ci_high, ci_low + 0.15 as absolute_lift, 3 as compared_slice_count,"
                " 0.004 as interaction_p_value_adjusted, true as is_readable, ? as reading from experiment_readouts",
                [value, units, units, low, reading],
            )
    app = opened(monkeypatch, path, "experiments")
    said = written(app)
    assert "By stratum:** were the effect the same in all 3 slices, they would differ as much as they do or more with a probability of 0.004" in said
    assert "1 slice without a figure" in said and "of DE" in said and "No figure: too few." in said
    (found,) = [rows for chart in charts(app) if "by stratum" in chart["description"] for layer, rows in layers(chart) if "x2" in layer["encoding"]]
    assert [row["_of"] for row in found] == ["DE", "FR"]
    with duckdb.connect(str(path)) as connection:
        connection.execute("update experiment_slices set is_readable = false")
    app = opened(monkeypatch, path, "experiments")
    assert "Not to be read: a check of the experiment fails." in written(app)
    assert not [chart for chart in charts(app) if "by stratum" in chart["description"]]


def test_cohorts_of_a_segment(monkeypatch, published, tmp_path):
    """Two weeks of entry: one has lived through both weeks since, the other's first is not over."""
    path = Path(shutil.copy(published, tmp_path / "tessera.duckdb"))
    ((name,),) = query(path, "select min(segment_id) from segments")
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from segment_cohorts")
    assert "Nobody is known to have come in" in written(opened(monkeypatch, path, "segment_detail", segment=name))
    with duckdb.connect(str(path)) as connection:
        connection.executemany(
            "insert into segment_cohorts (segment_id, entry_week, week_number, entered_customers, ordering_customers, converted_customers, conversion_rate, is_complete)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            [[name, "2026-04-06", 0, 200, 10, 10, 0.05, True], [name, "2026-04-06", 1, 200, 19, 24, 0.12, True], [name, "2026-04-20", 0, 1, 0, 0, 0, False]],
        )
    app = opened(monkeypatch, path, "segment_detail", segment=name)
    (found,) = [rows for chart in charts(app) if "entrants" in chart["description"] for layer, rows in layers(chart) if "text" in layer["encoding"]]
    assert [(row["_entry"], row["week_number"], row["_text"], row["_share"]) for row in found] == [
        ("2026-04-06: 200 customers", 0, "5.0", "5.0 %"), ("2026-04-06: 200 customers", 1, "12", "12.0 %"), ("2026-04-20: 1 customer", 0, "0.0*", "0.0 %"),
    ]
    assert "how many have ordered between their entry and the end of the week" in written(app)


def test_pandas_is_loaded_before_anybody_visits():
    """Whoever visits while another's thread loads it would meet it half loaded, and a traceback in place of a chart."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import dashboard.charts, sys; print('pandas' in sys.modules)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert loaded.stdout.strip() == "True"
