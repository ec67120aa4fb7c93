"""A value that makes no sense stops dbt with one line that names the variable, what is allowed and what was given."""

import datetime
import json
import re
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest
import yaml

from tools.project import ROOT

MACRO = (ROOT / "macros" / "checks" / "variables.sql").read_text(encoding="utf-8")
DOCUMENTED = yaml.safe_load((ROOT / "vars.yml").read_text(encoding="utf-8"))["vars"]

GOOD = [
    {},
    {"as_of": ""},
    {"as_of": "2026-04-01"},
    {"as_of": "2026-04-01T00:00:00"},
    {"as_of": "2024-02-29"},
    {"lookback_days": [1], "cart_lookback_days": [90, 1]},
    {"lookback_days": [365, 7]},
    {"session_minutes": 1440},
    {"clock_skew_days": 0, "bot_events_per_day": 100, "interest_half_life_days": 0.5},
    {"lapsing_after_days": 1, "lapsed_after_days": 2, "segment_min_size": 1, "segment_max_size": 2},
    {"cart_value_bands": {"mid": 0.01, "high": 10}},
    {"reporting_currency": "EUR"},
    {"probabilistic_matching": True, "match_probability_threshold": 0.5, "match_prior_probability": 0.5},
    {"match_probability_threshold": 1, "erasure_match_probability": 1, "match_prior_probability": 0.0001},
    {"match_probability_threshold": 0.5, "erasure_match_probability": 0.5},
    {"segments": []},
    {"launch_gate": "error", "experiment_key": "checkout_button_2026_02"},
    {"propensity_horizon_days": 7, "value_horizon_days": 365, "lookalike_segments": [], "slice_dimensions": []},
    {"lookalike_segments": ["cart_abandoners/home@work@1d", "lapsing_customers/gold", "non_engaged"]},
    {"attribution_days": 30, "attribution_lookback_days": 1, "attribution_half_life_days": 0.5},
    {"gross_margin_share": 0.35, "clv_window_days": 730},
    {"attribution_touch_types": ["send"], "attribution_consent": "none"},
    {"retention_days": {}},
    {"retention_days": {"web/events": 30, "shop/orders": 36500, "crm/consents": 0}},
    {"retention_days": {"shop/orders": 30}, "lapsed_after_days": 29, "lapsing_after_days": 9},
]

BAD = [
    *[("as_of", value) for value in (
        "yesterday", "2026-4-1", "2026-02-30", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-00", "0000-01-01",
        "2026-04-01T12:00:00", "2026-04-01 00:00:00", "2026-04-01T00:00:00Z", "2026-04-01T00:00:00+02:00",
        "01/04/2026", " 2026-04-01", "2026-04-01\n", "٢٠٢٦-٠٤-٠١", "T00:00:00", "2026-04-01T00:00:00T00:00:00",
        "2026-04-01'; drop table x; --", 20260401, 2026, None, True, ["2026-04-01"], {"day": 1},
    )],
    *[("earliest_timestamp", value) for value in ("", "2000", "2000-01-01T00:00:00", "2001-02-29", 0, None)],
    *[("lookback_days", value) for value in (
        [], 7, "7", None, [0], [366], [-1], [7, 7], [7.0], ["7"], [7, None], [True], {"days": 7}, [[7]],
    )],
    *[("cart_lookback_days", value) for value in ([], [91], [1, 1], 1, [0.5])],
    *[("session_minutes", value) for value in (0, 1441, 30.5, "30", None, True)],
    *[("clock_skew_days", value) for value in (-1, 31, 1.5, "1", None, True, [])],
    *[("sequential_planned_units", value) for value in (99, 1_000_000_001, 500.5, "5000", None, True)],
    *[("lateness_days", value) for value in (-1, 61, 1.5, "3", None, True)],
    *[("max_identifiers_per_customer", value) for value in (1, 1_000_001, "50", None, 50.0)],
    *[("recent_purchase_days", value) for value in (0, 366, -7, 7.5, "7", None, True)],
    *[("segment_history_days", value) for value in (-1, 36501, 7.5, "7", None, True)],
    *[("upload_report_days", value) for value in (0, 366, 7.5, "30", None, True)],
    *[("bot_events_per_day", value) for value in (99, 1_000_001, "500", None, 500.0)],
    *[("reporting_currency", value) for value in ("usd", "US", "USDX", "", "$", None, 840, ["USD"], "USD\n")],
    *[("max_users_per_identifier", value) for value in (
        3, None, {}, [1, 3, 3], {"anonymous_id": 1, "email": 3}, {"anonymous_id": 0, "email": 3, "phone": 3},
        {"anonymous_id": 1, "email": 1001, "phone": 3}, {"anonymous_id": 1, "email": "3", "phone": 3},
        {"anonymous_id": 1, "email": 3, "phone": 3, "user_id": 1}, {"anonymous_id": True, "email": 3, "phone": 3},
    )],
    *[("probabilistic_matching", value) for value in ("true", 1, 0, None, "")],
    *[("match_probability_threshold", value) for value in (0.49, 1.01, "0.9", None, True, float("nan"))],
    *[("erasure_match_probability", value) for value in (0.94, 1.01, "0.99", None, True, float("nan"))],
    *[("match_prior_probability", value) for value in (-0.1, 0.51, "0", None, False, float("nan"))],
    *[("interest_half_life_days", value) for value in (0, -7, 366, "7", None, True, float("inf"), float("nan"))],
    *[("cart_value_bands", value) for value in (
        60, None, [60, 150], {}, {"mid": 60}, {"mid": 150, "high": 60}, {"mid": 60, "high": 60}, {"mid": 0, "high": 60},
        {"mid": -1, "high": 60}, {"mid": 60, "high": float("inf")}, {"mid": "60", "high": "150"},
        {"mid": 60, "high": 150, "top": 900}, {"mid": float("nan"), "high": 150},
    )],
    *[("retention_days", value) for value in (
        30, None, [], {"web/events": 29}, {"shop/orders": 89}, {"web/events": -1}, {"web/events": "30"}, {"web/events": True},
        {"web/event": 30}, {"shop/order_lines": 90}, {"web/events": 36501}, {"web/events": 30.0},
    )],
    *[("lapsing_after_days", value) for value in (0, -1, 3650, "30", None, 30.0)],
    *[("lapsed_after_days", value) for value in (30, 29, 3651, "90", None, True)],
    *[("segment_min_size", value) for value in (0, -1, "200", None, 0.5)],
    *[("segment_max_size", value) for value in (200, 199, 0, "2000", None)],
    *[("propensity_horizon_days", value) for value in (6, 181, 28.0, "28", None, True)],
    *[("value_horizon_days", value) for value in (6, 366, 28.0, "28", None, True)],
    *[("attribution_days", value) for value in (29, 3651, 30.0, "180", None, True)],
    *[("attribution_lookback_days", value) for value in (0, 91, 30.0, "30", None, True)],
    *[("attribution_half_life_days", value) for value in (0, -7, 91, "7", None, True, float("nan"))],
    *[("attribution_touch_types", value) for value in (
        None, [], "click", ["would_be_impression"], ["click", "click"], ["Click"], {"click": 1}, [["click"]], [None],
    )],
    *[("clv_window_days", value) for value in (27, 731, 84.0, "84", None, True)],
    *[("gross_margin_share", value) for value in (0, -0.1, 1.01, "1", None, True)],
    *[("attribution_consent", value) for value in ("", "all", None, True, ["analytics"], "analytics or none")],
    *[("lookalike_segments", value) for value in (
        None, "non_engaged", ["Non_engaged@7d"], ["non_engaged", "non_engaged"], ["high_propensity/10"], ["lookalikes/a"],
        ["non_engaged/"], ["non_engaged@7"], ["non_engaged/it's"], [7], {"non_engaged": 1}, ["non_engaged/a\nb"],
    )],
    *[("slice_dimensions", value) for value in (
        None, "segment", ["order_count"], ["segment", "segment"], ["Segment"], [1], {"segment": 1}, ["segment", "device"],
        ["loyalty_tier", "segments"], ["account_id"],
        [["segment"]], [None],
    )],
    *[("launch_gate", value) for value in ("", "fail", "Warn", None, True, ["warn"], "warn or error")],
    *[("experiment_key", value) for value in (None, 7, "a b", "a'b", "a\n", ["a"])],
    *[("segments", value) for value in (
        None, "frequent_visitors", [""], ["Frequent"], ["a b"], [1], ["a", "a"], {"a": 1}, ["a'b"],
    )],
]  # fmt: skip


def test_a_wrong_name_in_a_long_list_is_shown_alone():
    for given, said in ((["a", "b", "a"], "['a', 'a']"), (["a", "B b"], "['B b']")):
        assert problems({"segments": given}) == [
            f"Variable segments: allowed is a list of names in snake_case, each once; given is {said}."
        ]


class Refused(Exception):
    """What raise_compiler_error raises here."""


def raise_compiler_error(message: str) -> None:
    raise Refused(message)


def problems(given: dict) -> list[str]:
    """The lines with which check_variables refuses `given`. It is rendered without dbt, which parses the whole project
    again for each set of variables; that dbt does the same, a few of the tests below ask."""
    values = DOCUMENTED | given
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    template = environment.from_string(
        MACRO,
        globals={
            "var": values.get,
            "modules": SimpleNamespace(re=re, datetime=datetime),
            "exceptions": SimpleNamespace(raise_compiler_error=raise_compiler_error),
            "tojson": json.dumps,
            "invocation_args_dict": {"vars": given},
            "project_name": "tessera",
        },
    )
    try:
        template.module.check_variables()
    except Refused as refused:
        return str(refused).splitlines()
    return []


def test_every_documented_variable_is_checked():
    checked = set(re.findall(r"do check_\w+\(problems, ([^)]*)\)", MACRO))
    named = {name for arguments in checked for name in re.findall(r"'(\w+)'", arguments)}
    assert named == set(DOCUMENTED)


def test_every_documented_variable_is_known():
    listed = re.search(r"set known = \[(.*?)\]", MACRO, re.S)[1]
    assert set(re.findall(r"'(\w+)'", listed)) == set(DOCUMENTED)


@pytest.mark.parametrize("given", GOOD, ids=str)
def test_a_value_in_its_range_is_taken(given):
    assert problems(given) == []


@pytest.mark.parametrize(("name", "value"), BAD, ids=str)
def test_a_value_out_of_its_range_is_refused_in_one_line(name, value):
    (line,) = problems({name: value})
    assert line.startswith(f"Variable {name}: allowed is ")
    assert "; given is " in line
    assert line.endswith(f"given is {json.dumps(value) if isinstance(value, str) else value}.")


def test_several_problems_are_all_named():
    lines = problems({"as_of": "soon", "clock_skew_days": 99, "reporting_currency": "usd"})
    assert [line.split()[1].rstrip(":") for line in lines] == ["as_of", "clock_skew_days", "reporting_currency"]


def test_a_misspelt_variable_is_named():
    assert problems({"asof": "2026-04-01"}) == [
        "Variable asof is given and the project has none of that name; see vars.yml."
    ]


@pytest.fixture(scope="module")
def checked(tmp_path_factory) -> Path:
    """A project that is nothing but the variables and their check: dbt parses it in a second."""
    folder = tmp_path_factory.mktemp("variables")
    (folder / "dbt_project.yml").write_text(
        "{name: tessera, profile: tessera, on-run-start: ['{{ check_variables() }}']}"
    )
    (folder / "macros").mkdir()
    (folder / "macros" / "variables.sql").write_text(MACRO)
    (folder / "vars.yml").write_text(yaml.safe_dump({"vars": DOCUMENTED}))
    return folder


@pytest.mark.parametrize("given", ["{as_of: 2026-04-01}", "{as_of: 2026-04-01T00:00:00}", "{as_of: ''}"])
def test_dbt_takes_dates_as_yaml_reads_them(dbt, checked, given):
    assert dbt("parse", "--vars", given, project=checked).success


def refusals(result) -> list[str]:
    lines = [line.strip() for line in str(result.exception).splitlines()]
    return [line for line in lines if line.startswith("Variable ")]


@pytest.mark.parametrize("given", [
    {"as_of": "2026-02-30", "lookback_days": 7, "cart_value_bands": {"mid": 9, "high": 8}, "asof": "x"},
    {"lookback_days": None, "segments": "all", "max_users_per_identifier": 3},
], ids=str)  # fmt: skip
def test_dbt_stops_with_the_same_lines(dbt, checked, given):
    result = dbt("parse", "--vars", json.dumps(given), project=checked)
    assert not result.success
    assert refusals(result) == problems(given)


def test_the_project_is_checked_before_its_models_loop(dbt):
    """Lists that are none, which a model would stumble over while dbt parses it."""
    given = {"lookback_days": 7, "cart_lookback_days": 1, "segments": None}
    result = dbt("parse", "--vars", json.dumps(given))
    assert refusals(result) == problems(given)
