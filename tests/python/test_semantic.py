"""The semantic layer: valid, on public marts alone, without a bare lift, and answering what the marts hold.

The engine of MetricFlow comes with dbt-core, so every metric and saved query is answered here, on marts of a few rows
whose figures were worked out by hand. `make semantic` asks the command line the same of a built database.
"""

import json
from collections.abc import Callable
from datetime import date, datetime

import duckdb
import pytest
import yaml
from metricflow.data_table.mf_table import MetricFlowDataTable
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantic_interfaces.validations.semantic_manifest_validator import SemanticManifestValidator
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

from tools import semantic
from tools.project import ROOT

Manifest = dict


@pytest.fixture(scope="module")
def manifest(artifacts) -> Manifest:
    return json.loads((artifacts / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def semantic_manifest(artifacts):
    return parse_manifest_from_dbt_generated_manifest((artifacts / "semantic_manifest.json").read_text(encoding="utf-8"))


# --- What is declared ------------------------------------------------------------------------------------------------


def read_marts(manifest: Manifest) -> list[tuple[dict, dict]]:
    """(semantic model, the model it stands on)."""
    return [
        (semantic_model, manifest["nodes"][key])
        for semantic_model in manifest["semantic_models"].values()
        for key in semantic_model["depends_on"]["nodes"]
    ]


def semantic_models_stand_on_public_marts(manifest: Manifest) -> list[str]:
    return [
        f"{semantic_model['name']} stands on {node['name']}, which is {node['config']['access']}"
        for semantic_model, node in read_marts(manifest)
        if node["config"]["access"] != "public"
    ]


def lifts_are_not_metrics(manifest: Manifest) -> list[str]:
    """A metric is one figure, and a lift is none without its interval."""
    return [
        f"{semantic_model['name']} makes metrics of {node['name']}; what a treatment caused is read with its interval"
        for semantic_model, node in read_marts(manifest)
        if node["original_file_path"].startswith("models/marts/measurement/")
    ]


def units_are_no_customers(manifest: Manifest) -> list[str]:
    """Joined to customers, the ledger would give revenue by arm, a difference of two of which is a bare lift."""
    return [
        f"{semantic_model['name']} joins units to {entity['name']}"
        for semantic_model, node in read_marts(manifest)
        if node["original_file_path"].startswith("models/marts/experiments/")
        for entity in semantic_model["entities"]
        if entity["name"] not in ("experiment", "assignment")
    ]


def everything_is_described(manifest: Manifest) -> list[str]:
    return [
        f"{one['name']} has no {key}"
        for kind in ("metrics", "saved_queries")
        for one in manifest[kind].values()
        for key in ("label", "description")
        if not one[key]
    ]


def everything_has_a_figure(manifest: Manifest) -> list[str]:
    """Each metric and saved query has its SQL in tools/semantic.py, and no SQL stands there for nothing."""
    metrics = {one["name"] for one in manifest["metrics"].values()} ^ semantic.METRICS.keys()
    queries = {one["name"] for one in manifest["saved_queries"].values()} ^ semantic.SAVED_QUERIES.keys()
    return [f"{name} stands in one of the YAML and tools/semantic.py alone" for name in sorted(metrics | queries)]


RULES: list[Callable[[Manifest], list[str]]] = [
    semantic_models_stand_on_public_marts,
    lifts_are_not_metrics,
    units_are_no_customers,
    everything_is_described,
    everything_has_a_figure,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps(manifest, rule):
    assert rule(manifest) == []


def stand_on(manifest: Manifest, model: str) -> None:
    manifest["semantic_models"]["semantic_model.tessera.customers"]["depends_on"]["nodes"] = [f"model.tessera.{model}"]


BREAKS = {
    semantic_models_stand_on_public_marts: lambda manifest: stand_on(manifest, "int_customer_profiles"),
    lifts_are_not_metrics: lambda manifest: stand_on(manifest, "experiment_results"),
    units_are_no_customers: lambda manifest: stand_on(manifest, "experiment_assignments"),
    everything_is_described: lambda manifest: manifest["metrics"]["metric.tessera.revenue"].update(description=""),
    everything_has_a_figure: lambda manifest: manifest["metrics"].pop("metric.tessera.revenue"),
}


def test_every_rule_is_broken():
    assert list(BREAKS) == RULES


@pytest.mark.parametrize("rule", BREAKS, ids=lambda rule: rule.__name__)
def test_a_rule_sees_its_violation(manifest, rule):
    broken = json.loads(json.dumps(manifest))
    BREAKS[rule](broken)
    assert rule(broken)


def test_the_semantic_manifest_is_valid(semantic_manifest):
    found = SemanticManifestValidator().validate_semantic_manifest(semantic_manifest)
    assert found.all_issues == ()


def test_no_key_is_written_that_dbt_drops():
    """dbt 1.12.6 takes fill_nulls_with and leaves it out of the semantic manifest."""
    written = [path.name for path in (ROOT / "models").rglob("*.yml") if "fill_nulls_with:" in path.read_text()]
    metrics = [metric for path in (ROOT / "models").rglob("*.yml") for metric in metrics_in(path)]
    assert metrics
    assert written == [] and not [metric["name"] for metric in metrics if metric.get("fill_nulls_with") is not None]


def metrics_in(path) -> list[dict]:
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return content.get("metrics", []) + [
        metric for model in content.get("models", []) for metric in model.get("metrics", [])
    ]


# --- What is answered ------------------------------------------------------------------------------------------------

# Small marts; columns that are left out are null.
AS_OF = datetime(2026, 5, 1)
MARTS = {
    "customers": [
        # c1 and c2 bought for 100 in 2 and 20 in 1 orders; nobody was first seen in March or on 1 May.
        {
            "customer_id": "c1", "first_seen_at": datetime(2026, 2, 27, 23, 59), "is_known": True,
            "lifecycle_stage": "active", "country_code": "DE", "has_ad_consent": True, "has_email_consent": True,
            "order_count": 2, "revenue_amount": 100.0, "loyalty_tier": "gold", "as_of": AS_OF,
        },
        {
            "customer_id": "c2", "first_seen_at": datetime(2026, 4, 1), "is_known": True,
            "lifecycle_stage": "active", "country_code": "DE", "has_ad_consent": False, "has_email_consent": True,
            "order_count": 1, "revenue_amount": 20.0, "loyalty_tier": "bronze", "as_of": AS_OF,
        },
        {
            "customer_id": "c3", "first_seen_at": datetime(2026, 4, 30), "is_known": True,
            "lifecycle_stage": "prospect", "country_code": None, "has_ad_consent": False, "has_email_consent": False,
            "order_count": 0, "revenue_amount": 0.0, "loyalty_tier": "none", "as_of": AS_OF,
        },
        {
            "customer_id": "c4", "first_seen_at": datetime(2026, 4, 30), "is_known": False,
            "lifecycle_stage": "anonymous", "country_code": "FR", "has_ad_consent": False, "has_email_consent": False,
            "order_count": 0, "revenue_amount": 0.0, "loyalty_tier": "none", "as_of": AS_OF,
        },
    ],
    "segments": [
        {"segment_id": "carts@7d", "family": "carts", "kind": "audience", "lookback_days": 7},
        {"segment_id": "carts@30d", "family": "carts", "kind": "audience", "lookback_days": 30},
        {"segment_id": "silent", "family": "silent", "kind": "exclusion"},
    ],
    "segment_memberships": [
        {"segment_id": "carts@7d", "customer_id": "c1", "qualified_at": datetime(2026, 4, 29)},
        {"segment_id": "carts@30d", "customer_id": "c1", "qualified_at": datetime(2026, 4, 29)},
        {"segment_id": "carts@30d", "customer_id": "c2", "qualified_at": datetime(2026, 4, 2)},
        {"segment_id": "silent", "customer_id": "c3", "qualified_at": datetime(2026, 4, 30)},
    ],
    "segment_sizes": [
        {"segment_id": "carts@7d", "as_of_date": AS_OF.date(), "size_status": "too_small"},
        {"segment_id": "carts@30d", "as_of_date": AS_OF.date(), "size_status": "ok"},
        {"segment_id": "silent", "as_of_date": AS_OF.date(), "size_status": "too_small"},
        # Of an earlier day: sizes are kept by day, and a count of segments is that of the last.
        {"segment_id": "carts@7d", "as_of_date": date(2026, 4, 1), "size_status": "ok"},
        {"segment_id": "gone", "as_of_date": date(2026, 4, 1), "size_status": "ok"},
    ],
    "segment_performance": [
        # Monday and Sunday of one week, whose daily rates 0.01 and 0.1 have another mean than 30 of 1,200.
        {"segment_id": "carts@7d", "delivery_date": date(2026, 4, 20), "impressions": 1000, "clicks": 10,
         "spend_amount": 4.0, "touched_customers": 40, "engaged_customers": 10, "converted_customers": 3, "conversions": 4,
         "revenue_amount": 60.0, "is_complete": True},
        {"segment_id": "carts@7d", "delivery_date": date(2026, 4, 26), "impressions": 200, "clicks": 20,
         "spend_amount": 8.0, "touched_customers": 10, "engaged_customers": 10, "converted_customers": 1, "conversions": 1,
         "revenue_amount": 15.0, "is_complete": True},
        {"segment_id": "carts@7d", "delivery_date": date(2026, 4, 27), "impressions": 0, "clicks": 0,
         "spend_amount": 0.5, "is_complete": True},
        # Reported without touches, touched without a report, and not complete: none is in what a conversion cost, the last in no rate of conversions.
        {"segment_id": "forms", "delivery_date": date(2026, 4, 20), "spend_amount": 7.0, "is_complete": True},
        {"segment_id": "forms", "delivery_date": date(2026, 4, 21), "touched_customers": 5, "engaged_customers": 0,
         "converted_customers": 1, "conversions": 1, "revenue_amount": 9.0, "is_complete": True},
        {"segment_id": "forms", "delivery_date": date(2026, 4, 27), "spend_amount": 2.0, "touched_customers": 5,
         "engaged_customers": 1, "converted_customers": 1, "conversions": 1, "revenue_amount": 3.0, "is_complete": False},
    ],
    "experiments": [{"experiment_key": "one", "status": "running"}, {"experiment_key": "two", "status": "ended"}],
    "experiment_assignments": [
        {"experiment_key": "one", "unit_id": "c1", "arm_key": "control", "assigned_at": datetime(2026, 4, 1)},
        {"experiment_key": "one", "unit_id": "c2", "arm_key": "banner", "assigned_at": datetime(2026, 4, 1)},
        {"experiment_key": "one", "unit_id": "c3", "arm_key": "banner", "assigned_at": datetime(2026, 4, 2)},
        {"experiment_key": "two", "unit_id": "c1", "arm_key": "control", "assigned_at": datetime(2026, 1, 5)},
    ],
    "audience_members": [
        {"destination_key": "ads", "segment_id": "carts@7d", "customer_id": "c1", "as_of": AS_OF},
        {"destination_key": "ads", "segment_id": "carts@30d", "customer_id": "c1", "as_of": AS_OF},
        {"destination_key": "mail", "segment_id": "carts@30d", "customer_id": "c2", "as_of": AS_OF},
    ],
}  # fmt: skip

TOTALS = {
    "customers": 4,
    "known_customers": 3,
    "first_sightings": 4,
    "new_customers": 4,
    "customers_with_ad_consent": 1,
    "customers_with_email_consent": 2,
    "orders": 3,
    "revenue": 120,
    "average_order_value": 40,
    "ad_consent_share": 0.25,
    "segment_members": 3,
    "segment_count": 3,
    "usable_segment_count": 1,
    "ad_impressions": 1200,
    "ad_clicks": 30,
    "ad_spend": 21.5,
    "click_through_rate": 0.025,
    "cost_per_click": 21.5 / 30,
    "touched_customer_days": 60,
    "engaged_customer_days": 21,
    "compared_customer_days": 55,
    "converted_customer_days": 5,
    "ad_conversions": 5,
    "ad_revenue": 75,
    "compared_ad_spend": 12,
    "conversion_rate": 5 / 55,
    "engagement_rate": 0.35,
    "cost_per_conversion": 2.4,
    "return_on_ad_spend": 6.25,
    "assigned_units": 4,
    "audience_people": 2,
}

# The rows of each saved query, groups first, in the order of the names above them.
TABLES = {
    "customers_by_lifecycle_stage": (
        ["customer__lifecycle_stage", "customers", "revenue", "average_order_value"],
        [("active", 2, 120, 40), ("prospect", 1, 0, None), ("anonymous", 1, 0, None)],
    ),
    "consent_by_country": (
        ["customer__country_code", "known_customers", "customers_with_ad_consent", "ad_consent_share"],
        [("DE", 2, 1, 0.5), (None, 1, 0, 0)],
    ),
    # From January, when the first unit was assigned, to the month of as_of.
    "new_customers_by_month": (
        ["metric_time__month", "new_customers"],
        [("2026-01-01", 0), ("2026-02-01", 1), ("2026-03-01", 0), ("2026-04-01", 3), ("2026-05-01", 0)],
    ),
    "segment_members_by_loyalty_tier": (
        ["segment", "customer__loyalty_tier", "segment_members"],
        [("carts@7d", "gold", 1), ("carts@30d", "gold", 1), ("carts@30d", "bronze", 1)],
    ),
    "segment_sizes_by_family": (
        ["segment__family", "segment_count", "usable_segment_count"],
        [("carts", 2, 1), ("silent", 1, 0)],
    ),
    "ad_performance_by_segment_and_week": (
        ["segment", "metric_time__week", "ad_impressions", "ad_clicks", "ad_spend", "click_through_rate",
         "cost_per_click"],
        [("carts@7d", "2026-04-20", 1200, 30, 12, 0.025, 0.4), ("carts@7d", "2026-04-27", 0, 0, 0.5, None, None),
         ("forms", "2026-04-20", None, None, 7, None, None), ("forms", "2026-04-27", None, None, 2, None, None)],
    ),
    "ad_returns_by_segment": (
        ["segment", "engagement_rate", "conversion_rate", "cost_per_conversion", "return_on_ad_spend"],
        [("carts@7d", 0.4, 0.08, 2.4, 6.25), ("forms", 0.1, 0.2, None, None)],
    ),
    "units_by_experiment_and_arm": (
        ["experiment", "assignment__arm_key", "experiment__status", "assigned_units"],
        [("one", "control", "running", 1), ("one", "banner", "running", 2), ("two", "control", "ended", 1)],
    ),
    "audience_people_by_destination": (
        ["audience_membership__destination_key", "audience_people"],
        [("ads", 1), ("mail", 1)],
    ),
}  # fmt: skip


class Client:
    """What MetricFlow's engine needs of a database: a dialect, and the rows of a query."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self.connection = connection

    def query(self, stmt: str, sql_bind_parameter_set: object = None) -> MetricFlowDataTable:
        result = self.connection.execute(stmt)
        # The engine knows timestamps and no dates.
        rows = [
            [datetime(*cell.timetuple()[:3]) if type(cell) is date else cell for cell in row]
            for row in result.fetchall()
        ]
        return MetricFlowDataTable.create_from_rows([column[0] for column in result.description], rows)


@pytest.fixture(scope="module")
def new_marts(tmp_path_factory, manifest):
    """Makes a database of the marts that metrics read, in the types of their contracts, with the given rows."""

    def make(marts: dict[str, list[dict]]) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(tmp_path_factory.mktemp("marts") / "tessera.duckdb"))
        for _, node in read_marts(manifest):
            types = ", ".join(f"{column['name']} {column['data_type']}" for column in node["columns"].values())
            connection.execute(f"create table {node['alias']} ({types})")
            for row in marts.get(node["alias"], []):
                marks = ", ".join("?" for _ in row)
                connection.execute(f"insert into {node['alias']} ({', '.join(row)}) values ({marks})", [*row.values()])
        connection.execute("create schema main_semantic")
        connection.execute("create table main_semantic.days (calendar_date date)")
        if marts:
            connection.execute(
                "insert into main_semantic.days select unnest(generate_series(?::date, ?::date, interval 1 day))",
                [date(2026, 1, 5), AS_OF.date()],
            )
        return connection

    return make


@pytest.fixture(scope="module")
def marts(new_marts) -> duckdb.DuckDBPyConnection:
    return new_marts(MARTS)


@pytest.fixture(scope="module")
def ask(semantic_manifest):
    lookup = SemanticManifestLookup(semantic_manifest)

    def engine_answers(connection: duckdb.DuckDBPyConnection, **request) -> list[semantic.Row]:
        engine = MetricFlowEngine(semantic_manifest_lookup=lookup, sql_client=Client(connection))
        table = engine.query(MetricFlowQueryRequest.create(**request)).result_df
        return semantic.plain_rows(table.column_names, table.rows)

    return engine_answers


def test_every_figure_was_worked_out_by_hand():
    assert TOTALS.keys() == semantic.METRICS.keys()
    assert TABLES.keys() == semantic.SAVED_QUERIES.keys()


def test_metrics_are_answered(ask, marts):
    answer = ask(marts, metric_names=list(TOTALS))
    assert semantic.difference(answer, semantic.plain_rows(TOTALS, [TOTALS.values()])) is None


@pytest.mark.parametrize("name", TABLES)
def test_saved_queries_are_answered(ask, marts, name):
    answer = ask(marts, saved_query_name=name)
    assert semantic.difference(answer, semantic.plain_rows(*TABLES[name])) is None


def test_the_sql_beside_them_gives_the_same(marts):
    assert semantic.difference(semantic.metrics_in_sql(marts), semantic.plain_rows(TOTALS, [TOTALS.values()])) is None
    for name, figure in TABLES.items():
        assert semantic.difference(semantic.saved_query_in_sql(marts, name), semantic.plain_rows(*figure)) is None


def test_metrics_of_empty_marts_are_nothing(ask, new_marts):
    empty = new_marts({})
    answer = ask(empty, metric_names=list(TOTALS))
    assert semantic.difference(answer, semantic.metrics_in_sql(empty)) is None
    for name in TABLES:
        assert ask(empty, saved_query_name=name) == semantic.saved_query_in_sql(empty, name) == []


# --- What a difference looks like ------------------------------------------------------------------------------------

FIGURE = [{"segment": "a", "revenue": 1.0}, {"segment": None, "revenue": None}]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([{"segment": "a", "revenue": 1.0 + 1e-12}, {"segment": None, "revenue": None}], None),
        ([{"segment": "a", "revenue": 1.001}, {"segment": None, "revenue": None}], "revenue for segment a"),
        ([{"segment": "a", "revenue": 1.0}, {"segment": None, "revenue": 0.0}], "revenue for segment None"),
        ([{"segment": "a", "revenue": None}, {"segment": None, "revenue": None}], "MetricFlow says None"),
        ([{"segment": "a", "revenue": 1.0}], "no row for segment None"),
        ([*FIGURE, {"segment": "b", "revenue": 1.0}], "a row for segment b"),
        ([*FIGURE, FIGURE[0]], "more than one row"),
        ([{"segment": "a", "orders": 1.0}, {"segment": None, "orders": None}], "MetricFlow gives"),
        ([], "no row"),
    ],
)
def test_differences_are_told(answer, words):
    told = semantic.difference(answer, FIGURE)
    assert told is None if words is None else words in told


def test_nothing_counted_may_be_null_in_a_total():
    assert semantic.difference([{"customers": None}], [{"customers": 0.0}]) is None
    assert semantic.difference([{"customers": None}], [{"customers": 1.0}])
    assert semantic.difference([{"customers": 0.0}], [{"customers": None}])


@pytest.fixture
def built(monkeypatch, new_marts):
    """A database of the small marts that no one holds open."""
    connection = new_marts(MARTS)
    (path,) = connection.execute("select path from duckdb_databases() where not internal").fetchone()
    connection.close()
    monkeypatch.setenv("TESSERA_DATABASE", path)
    monkeypatch.setattr(semantic, "write_semantic_manifest", lambda: None)
    return path


def answering(answers: dict[str, list[semantic.Row]]) -> Callable:
    def answer(kind: str, names: str) -> list[semantic.Row]:
        return answers[names] if kind == "--saved-query" else [{name: float(TOTALS[name]) for name in TOTALS}]

    return answer


def test_the_command_passes_where_all_agree(monkeypatch, built, capsys):
    answers = {name: semantic.plain_rows(*figure) for name, figure in TABLES.items()}
    monkeypatch.setattr(semantic, "ask_metricflow", answering(answers))
    assert semantic.main() == 0
    assert "differs" not in capsys.readouterr().out


def test_the_command_fails_where_one_differs(monkeypatch, built, capsys):
    answers = {name: semantic.plain_rows(*figure) for name, figure in TABLES.items()}
    answers["units_by_experiment_and_arm"][0]["assigned_units"] += 1
    monkeypatch.setattr(semantic, "ask_metricflow", answering(answers))
    assert semantic.main() == 1
    told = capsys.readouterr().out
    assert told.count("differs") == 1 and "MetricFlow says 2.0, SQL says 1.0" in told
    assert told.endswith("31 metrics and 9 saved queries asked of MetricFlow, 1 differ.\n")


def test_a_query_that_fails_is_one_line(monkeypatch, tmp_path, built, capsys):
    """The real call, of a stand-in for mf that says what mf says of a table that is not there."""
    (tmp_path / "mf").write_text("#!/bin/sh\nprintf 'A log\\n\\nERROR: no table\\n  days\\n'\nexit 1\n")
    (tmp_path / "mf").chmod(0o755)
    monkeypatch.setattr(semantic.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(semantic.sys, "prefix", str(tmp_path))
    assert semantic.main() == 1
    told = capsys.readouterr().out
    assert told.count("\n") == 1 and told.endswith("failed: ERROR: no table days; logs/metricflow.log says more.\n")


def test_an_answer_is_read_from_the_file_that_mf_writes(monkeypatch, tmp_path):
    script = "#!/bin/sh\nfor last; do :; done\nprintf 'segment,revenue\\n\"a, b\",1.5\\n,\\n' > \"$last\"\n"
    (tmp_path / "mf").write_text(script)
    (tmp_path / "mf").chmod(0o755)
    monkeypatch.setattr(semantic.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(semantic.sys, "prefix", str(tmp_path))
    expected = [{"segment": "a, b", "revenue": 1.5}, {"segment": None, "revenue": None}]
    assert semantic.ask_metricflow("--metrics", "revenue") == expected


def test_a_missing_database_is_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("TESSERA_DATABASE", str(tmp_path / "none.duckdb"))
    assert semantic.main() == 1
    assert capsys.readouterr().out == f"There is no database at {tmp_path}/none.duckdb yet; `make build` makes it.\n"


def test_a_half_built_database_is_one_line(monkeypatch, tmp_path, capsys):
    path = tmp_path / "half.duckdb"
    duckdb.connect(str(path)).close()
    monkeypatch.setenv("TESSERA_DATABASE", str(path))
    assert semantic.main() == 1
    told = capsys.readouterr().out
    assert told.count("\n") == 1 and "is not built to its end" in told
