"""Each rule over the configuration seeds is broken once: its test must say so, and only what was broken."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tools.project import ROOT

SCHEMA = "main_configuration"
EXPERIMENT = "experiment_key = 'cart_recovery'"

# (what is done to the good seeds, the test that must fail, what its problem says)
BROKEN = [
    ("update experiment_arms set weight = 0.6 where arm_key = 'reminder'", "assert_arms_of_an_experiment_add_up", "sum to 1.1"),
    ("update experiment_arms set weight = 0.5000001 where arm_key = 'reminder'", "assert_arms_of_an_experiment_add_up", "must sum to 1"),
    (f"update experiment_arms set weight = case when is_control then 1 else 0 end where {EXPERIMENT}", "assert_arms_of_an_experiment_add_up", "weight 0"),
    (f"update experiment_arms set weight = case when is_control then 1.5 else -0.5 end where {EXPERIMENT}", "assert_arms_of_an_experiment_add_up", "weight -0.5"),
    ("update experiment_arms set weight = 'nan'::double where arm_key = 'reminder'", "assert_arms_of_an_experiment_add_up", "sum to nan"),
    ("update experiment_arms set is_control = false", "assert_arms_of_an_experiment_add_up", "has 0 control arms"),
    ("update experiment_arms set is_control = true", "assert_arms_of_an_experiment_add_up", "has 2 control arms"),
    ("delete from experiment_arms where arm_key = 'reminder'", "assert_arms_of_an_experiment_add_up", "has 1 arm(s)"),
    (f"delete from experiment_arms where {EXPERIMENT}", "assert_arms_of_an_experiment_add_up", "has 0 arm(s)"),
    ("insert into experiment_arms values ('cart_recovry', 'control', true, 1, null)", "assert_arms_name_known_experiments", "cart_recovry"),
    ("insert into experiment_arms select * from experiment_arms where arm_key = 'reminder'", "assert_experiment_rows_are_unique", "2 rows for arm reminder"),
    ("insert into experiment_metrics values ('cart_recovery', 'revenue')", "assert_experiment_rows_are_unique", "2 rows for metric revenue"),
    ("insert into experiment_metrics values ('cart_recovery', 'profit')", "assert_experiment_metrics_exist", "metric profit, which"),
    ("insert into experiment_metrics values ('cart_recovry', 'revenue')", "assert_experiment_metrics_exist", "experiment cart_recovry, which"),
    (f"delete from experiment_metrics where {EXPERIMENT} and metric_key = 'purchase_rate'", "assert_experiment_metrics_exist", "decided by purchase_rate"),
    (f"update experiments set ends_at = starts_at where {EXPERIMENT}", "assert_experiments_are_in_range", "ends after it starts"),
    (f"update experiments set layer_key = null where {EXPERIMENT}", "assert_experiments_are_in_range", "layer_key"),
    (f"update experiments set layer_from = null where {EXPERIMENT}", "assert_experiments_are_in_range", "layer_from"),
    (f"update experiments set layer_from = 0.5, layer_to = 0.5 where {EXPERIMENT}", "assert_experiments_are_in_range", "slice of its layer is 0.5 to 0.5"),
    (f"update experiments set layer_to = 1.1 where {EXPERIMENT}", "assert_experiments_are_in_range", "0.0 to 1.1"),
    (f"update experiments set layer_from = -0.1 where {EXPERIMENT}", "assert_experiments_are_in_range", "-0.1 to 1.0"),
    (f"update experiments set outcome_window_days = 0 where {EXPERIMENT}", "assert_experiments_are_in_range", "outcome_window_days is 0"),
    (f"update experiments set covariate_window_days = -1 where {EXPERIMENT}", "assert_experiments_are_in_range", "covariate_window_days is -1"),
    (f"update experiments set planned_relative_lift = 0 where {EXPERIMENT}", "assert_experiments_are_in_range", "planned_relative_lift is 0"),
    (f"update experiments set alpha = 0 where {EXPERIMENT}", "assert_experiments_are_in_range", "alpha is 0"),
    (f"update experiments set alpha = 'nan'::double where {EXPERIMENT}", "assert_experiments_are_in_range", "alpha is nan"),
    (f"update experiments set power = 1 where {EXPERIMENT}", "assert_experiments_are_in_range", "power is 1"),
    ("insert into experiments select * from experiments where experiment_key = 'cart_recovery'", "assert_experiment_rows_are_unique", "experiments.csv has 2 rows for experiment cart_recovery"),
    ("insert into metrics select * from metrics where metric_key = 'revenue'", "assert_experiment_rows_are_unique", "metrics.csv has 2 rows for metric revenue"),
    ("insert into layers select * from layers where layer_key = 'site'", "assert_experiment_rows_are_unique", "layers.csv has 2 rows for layer site"),
    ("insert into holdouts select * from holdouts", "assert_experiment_rows_are_unique", "holdouts.csv has 2 rows for holdout global"),
    *[
        (f"update experiments set {column} = {value} where experiment_key = 'checkout_button_2026_02'", "assert_experiments_can_be_assigned", f"is external, and {column} says")
        for column, value in [("enrolment", "'batch'"), ("layer_key", "'email'"), ("layer_from", "0"), ("layer_to", "1"), ("priority", "1"),
                              ("stratify_by", "'country_code'"), ("hash_algorithm", "'md5'"), ("hash_attribute", "'unit_id'"), ("salt", "'x'")]
    ],
    (f"update experiments set stratify_by = 'colour' where {EXPERIMENT}", "assert_experiments_can_be_assigned", "stratify_by is colour"),
    ("update experiments set stratify_by = 'country_code' where experiment_key = 'trial_upsell'", "assert_experiments_can_be_assigned", "country_code, which accounts do not have"),
    (f"update experiments set stratify_by = 'segment_id', segment_id = null where {EXPERIMENT}", "assert_experiments_can_be_assigned", "names no segment"),
    (f"update experiments set stratify_by = 'country_code', hash_algorithm = 'growthbook' where {EXPERIMENT}", "assert_experiments_can_be_assigned", "does not deal out"),
    ("update experiments set hash_attribute = 'user_id' where experiment_key = 'trial_upsell'", "assert_experiments_can_be_assigned", "accounts have no user_id"),
    (f"update experiments set salt = 'a:b' where {EXPERIMENT}", "assert_experiments_can_be_assigned", 'salt is "a:b"'),
    (f"update experiments set salt = 'a-b' where {EXPERIMENT}", "assert_experiments_can_be_assigned", 'salt is "a-b"'),
    (f"update experiments set salt = 'a b' where {EXPERIMENT}", "assert_experiments_can_be_assigned", 'salt is "a b"'),
    (f"update experiments set salt = '' where {EXPERIMENT}", "assert_experiments_can_be_assigned", 'salt is ""'),
    (f"update experiments set salt = repeat('a', 101) where {EXPERIMENT}", "assert_experiments_can_be_assigned", 'salt is "aaa'),
    (f"update experiments set salt = 'trial_upsell' where {EXPERIMENT}", "assert_experiments_can_be_assigned", "drawn by the salt trial_upsell, and so are those of experiment trial_upsell"),
    (f"update experiments set layer_key = 'e-mail' where {EXPERIMENT}", "assert_layers_fit_their_experiments", "layer_key is e-mail, which seeds/layers.csv does not have"),
    ("update experiments set layer_key = 'email' where experiment_key = 'trial_upsell'", "assert_layers_fit_their_experiments", "unit_type is account, and layer email is one of customers"),
    ("update experiments set layer_key = 'site', layer_from = 0.5 where experiment_key = 'loyalty_banner';"
     "update experiments set layer_to = 0.5, hash_algorithm = 'growthbook' where experiment_key = 'pricing_follow_up'", "assert_layers_fit_their_experiments", "of the same layer site are growthbook"),
    ("update experiments set layer_key = 'site', layer_from = 0.5 where experiment_key = 'loyalty_banner';"
     "update experiments set layer_to = 0.5, hash_attribute = 'user_id' where experiment_key = 'pricing_follow_up'", "assert_layers_fit_their_experiments", "md5 and user_id"),
    ("update layers set overlap = 'priority' where layer_key = 'email'", "assert_layers_fit_their_experiments", "priority is empty"),
    (f"update experiments set priority = 1 where {EXPERIMENT}", "assert_layers_fit_their_experiments", "layer email asks for none"),
    ("update layers set overlap = 'priority' where layer_key = 'site';"
     "update experiments set layer_key = 'site', priority = 1 where experiment_key in ('loyalty_banner', 'pricing_follow_up')", "assert_layers_fit_their_experiments", "priority is 1 as that of experiment pricing_follow_up"),
    (f"update layers set overlap = 'primary_segment' where layer_key = 'email'; update experiments set segment_id = null where {EXPERIMENT}", "assert_layers_fit_their_experiments", "segment_id is empty"),
    ("update layers set overlap = 'primary_segment' where layer_key = 'in_app'", "assert_layers_fit_their_experiments", "only customers have a primary segment"),
    ("insert into experiment_stages values ('cart_recovry', '2026-04-01', 0.5)", "assert_stages_can_be_carried_out", "experiment cart_recovry in seeds/experiment_stages.csv: seeds/experiments.csv has no such"),
    ("insert into experiment_stages values ('cart_recovery', '2026-04-01', 1.1)", "assert_stages_can_be_carried_out", "traffic_share is 1.1"),
    ("insert into experiment_stages values ('cart_recovery', '2026-04-01', -0.1)", "assert_stages_can_be_carried_out", "traffic_share is -0.1"),
    ("insert into experiment_stages values ('cart_recovery', '2026-04-01', 'nan'::double)", "assert_stages_can_be_carried_out", "traffic_share is nan"),
    ("insert into experiment_stages values ('cart_recovery', '2026-04-01', 0.5), ('cart_recovery', '2026-04-01', 1)", "assert_stages_can_be_carried_out", "there are 2 rows for this moment"),
    (f"update experiments set enrolment = 'batch' where {EXPERIMENT}; insert into experiment_stages values ('cart_recovery', '2026-04-01', 0.5)", "assert_stages_can_be_carried_out", "enrolment is batch"),
    ("insert into experiment_stages values ('checkout_button_2026_02', '2026-04-01', 0.5)", "assert_stages_can_be_carried_out", "assignment_source is external"),
    ("update holdouts set segment_id = 'cart_abandoner'", "assert_experiment_segments_are_built", "holdout global is of cart_abandoner, and the variable segments has no family"),
    ("update holdouts set segment_id = 'cart_abandoners@5d'", "assert_experiment_segments_are_built", "@5d, and neither"),
    ("update layers set overlap = 'primary_segment' where layer_key = 'site'; update experiments set layer_key = 'site', segment_id = 'pricing_page_visitors'"
     " where experiment_key = 'loyalty_banner'", "assert_layers_are_shared_out", "experiments loyalty_banner and pricing_follow_up both take 0.0 to 1.0 of layer site"),
    (f"update experiments set segment_id = 'cart_abandoner/shoes@1d' where {EXPERIMENT}", "assert_experiment_segments_are_built", "no family cart_abandoner"),
    (f"update experiments set segment_id = 'cart_abandoners@5d' where {EXPERIMENT}", "assert_experiment_segments_are_built", "@5d, and neither"),
    (f"update experiments set segment_id = 'cart_abandoners@' where {EXPERIMENT}", "assert_experiment_segments_are_built", "has its window"),
    ("update experiments set layer_key = 'site' where experiment_key = 'loyalty_banner'", "assert_layers_are_shared_out", "0.0 to 1.0 of layer site"),
    ("update metrics set aggregation = 'sum' where metric_key = 'order_count'", "assert_metrics_can_be_computed", "value_column is empty"),
    ("update metrics set value_column = 'order_amount' where metric_key = 'order_count'", "assert_metrics_can_be_computed", "adds up nothing"),
    ("update metrics set filter_type = 'subscription' where metric_key = 'trial_conversion'", "assert_metrics_can_be_computed", "filter_type is subscription"),
    ("update metrics set filter_type = 'completed' where metric_key = 'order_count'", "assert_metrics_can_be_computed", "orders have no types"),
    ("update metrics set source = 'touches', filter_type = 'tap' where metric_key = 'order_count'", "assert_metrics_can_be_computed", "no touch_type"),
    ("update metrics set denominator_metric_key = 'people' where metric_key = 'order_count'", "assert_metrics_can_be_computed", "people, which is no metric"),
    ("update metrics set winsor_quantile = 1 where metric_key = 'order_count'", "assert_metrics_can_be_computed", "winsor_quantile is 1"),
    ("update holdouts set share = 1", "assert_holdouts_are_in_range", "share is 1"),
    ("update holdouts set share = -0.1", "assert_holdouts_are_in_range", "share is -0.1"),
    ("update holdouts set ends_at = starts_at", "assert_holdouts_are_in_range", "ends after it starts"),
    ("update destinations set required_consent = null", "assert_destinations_can_be_used", "required_consent is empty"),
    ("update destinations set required_consent = 'marketing'", "assert_destinations_can_be_used", "consent is marketing"),
    ("update destinations set frequency_cap = 0", "assert_destinations_can_be_used", "frequency_cap is 0"),
    ("update destinations set frequency_window_days = 0", "assert_destinations_can_be_used", "frequency_window_days is 0"),
    ("update destinations set frequency_window_days = 366", "assert_destinations_can_be_used", "is 366"),
    ("update destinations set frequency_cap = null", "assert_destinations_can_be_used", "given together"),
    ("update destinations set frequency_window_days = null", "assert_destinations_can_be_used", "given together"),
    ("update destinations set campaign_platform = null", "assert_destinations_can_be_used", "needs campaign_platform"),
    ("update destinations set campaign_platform = 'Meta'", "assert_destinations_can_be_used", "lower case"),
    ("update segment_creatives set weight = 0 where creative_key = 'cart_reminder'", "assert_creatives_can_be_used", "weight is 0"),
    ("update segment_creatives set weight = 2000000000 where creative_key = 'cart_reminder'", "assert_creatives_can_be_used", "weight is 2000000000"),
    ("update segment_creatives set headline = 'Dear {name}' where creative_key = 'cart_reminder'", "assert_creatives_can_be_used", "there is not: Dear {name}"),
    ("update segment_creatives set frequency_cap = null where creative_key = 'cart_reminder'", "assert_creatives_can_be_used", "given together"),
    ("update segment_creatives set frequency_window_days = 366 where creative_key = 'cart_reminder'", "assert_creatives_can_be_used", "from 1 to 365"),
    ("delete from segment_creatives where family is null", "assert_creatives_can_be_used", "there are 0"),
    ("update segment_creatives set headline = 'In {top_category}' where family is null", "assert_creatives_can_be_used", "no slots and no cap"),
    ("update segment_creatives set variant = 'x' where family is null", "assert_creatives_can_be_used", "needs its family"),
    ("insert into segment_creatives select 'carts', variant, creative_key, 'other', headline, call_to_action, weight, frequency_cap, frequency_window_days from segment_creatives where creative_key = 'cart_reminder'", "assert_creatives_can_be_used", "rows differ"),
    ("delete from quiet_hours where device_type = 'other'", "assert_every_device_has_quiet_hours", "no row for the device_type other"),
    ("update exchange_rates set rate_to_reporting = 1.2 where currency_code = 'USD'", "assert_reporting_currency_has_rate_one", "is 1.2; it must be 1"),
    ("delete from content_series_parts where content_series = 'automation' and part_number = 3", "assert_series_parts_are_numbered", "has 5 parts"),
    ("update content_series_parts set part_number = part_number - 1", "assert_series_parts_are_numbered", "numbered 0 to 5"),
    ("update page_types set content_series = null where content_series = 'automation'", "assert_series_parts_are_numbered", "belongs to it"),
    ("update scorecard_bins set below_value = 4 where signal = 'interactions_7d' and bin_key = '2'", "assert_scorecard_bins_tile", "bin 2 of signal interactions_7d ends at 4"),
    ("delete from scorecard_bins where signal = 'interactions_7d' and bin_key = '1'", "assert_scorecard_bins_tile", "bin 0 of signal interactions_7d ends at 1"),
    ("delete from scorecard_bins where signal = 'interactions_7d' and bin_key = '3+'", "assert_scorecard_bins_tile", "the next begins at no value"),
    ("update scorecard_bins set from_value = null where signal = 'interactions_7d' and bin_key = '0'", "assert_scorecard_bins_tile", "has no from_value"),
    ("update scorecard_bins set from_value = 1 where signal = 'interactions_7d' and bin_key = '0'", "assert_scorecard_bins_tile", "bin 0 of signal interactions_7d begins at 1"),
    ("update scorecard_bins set below_value = 9 where signal = 'days_since_order' and bin_key = 'missing'", "assert_scorecard_bins_tile", "bin missing of signal days_since_order has edges"),
    ("delete from scorecard_bins where signal = 'orders' and bin_key <> '0'", "assert_scorecard_bins_tile", "signal orders has 1 bins"),
    ("insert into scorecard_bins select 's' || i, bin_key, from_value, below_value, wording from scorecard_bins, range(20) as numbers (i) where signal = 'orders'", "assert_scorecard_bins_tile", "37 signals"),
    ("delete from exchange_rates", "assert_reporting_currency_has_rate_one", "is missing"),
]  # fmt: skip

GOOD = [
    "update experiments set layer_key = 'site', layer_from = 0.5 where experiment_key = 'loyalty_banner';"
    "update experiments set layer_to = 0.5 where experiment_key = 'pricing_follow_up'",
    "update experiments set layer_key = 'site', starts_at = '2026-04-15', ends_at = '2026-05-01'"
    " where experiment_key = 'loyalty_banner'",
    "update experiments set segment_id = null, assignment_source = 'external', layer_key = null, layer_from = null,"
    f" layer_to = null where {EXPERIMENT}",
    "update metrics set denominator_metric_key = 'members', winsor_quantile = 0.99 where metric_key = 'order_count'",
    "update experiment_arms set weight = 1.0 / 3 where experiment_key = 'cart_recovery';"
    "insert into experiment_arms values ('cart_recovery', 'second', false, 1.0 / 3, null)",
    "update holdouts set share = 0",
    "insert into content_series_parts values ('automation', 3, '%/third-part')",
    "update destinations set frequency_cap = null, frequency_window_days = null, campaign_platform = null",
    f"update experiments set segment_id = 'category_enthusiasts/home@work@30d' where {EXPERIMENT}",
    f"update experiments set stratify_by = 'country_code', salt = 'Second_draw.2' where {EXPERIMENT}",
    "update experiments set stratify_by = 'segment_id' where experiment_key = 'trial_upsell'",
    f"update experiments set enrolment = 'batch', hash_algorithm = 'growthbook', hash_attribute = 'user_id' where {EXPERIMENT}",
    # Slices may overlap where priorities decide, or primary segments do.
    "update layers set overlap = 'priority' where layer_key = 'site'; update experiments set layer_key = 'site', priority = 2"
    " where experiment_key = 'loyalty_banner'; update experiments set priority = 1 where experiment_key = 'pricing_follow_up'",
    "update layers set overlap = 'primary_segment' where layer_key = 'site';"
    "update experiments set layer_key = 'site' where experiment_key = 'loyalty_banner'",
    "insert into experiment_stages values ('cart_recovery', '2026-04-01', 0), ('cart_recovery', '2026-04-02', 1)",
    "insert into holdouts values ('carts', 'cart_abandoners', 0.1, '2026-01-01', null)",
]


def compiled_tests(results) -> dict[str, str]:
    """Test name -> compiled SQL, of the singular tests over seeds."""
    return {
        item.node.name: item.node.compiled_code
        for item in results
        if item.node.original_file_path.startswith("tests/seeds/")
    }


@pytest.fixture(scope="module")
def seeds(dbt, tmp_path_factory) -> Path:
    """A project of the seeds and their tests alone, with one model that depends on them."""
    project = tmp_path_factory.mktemp("seeds")
    for folder in ("seeds", "tests/seeds"):
        shutil.copytree(ROOT / folder, project / folder)
    for other in (project / "seeds").glob("_*.yml"):
        if other.name != "_experiment_seeds.yml":
            other.unlink()
    (project / "macros").mkdir()
    shutil.copy(ROOT / "macros" / "checks" / "failures.sql", project / "macros")
    shutil.copy(ROOT / "vars.yml", project)
    (project / "dbt_project.yml").write_text(
        "{name: seeds_only, profile: tessera, seeds: {+schema: configuration, +quote_columns: false},"
        " on-run-end: ['{{ explain_failures(results) }}']}"
    )
    (project / "models").mkdir()
    (project / "models" / "assignments.sql").write_text(
        "select arms.* from {{ ref('experiment_arms') }} as arms inner join {{ ref('experiments') }} using (experiment_key)"
    )
    return project


@pytest.fixture(scope="module")
def built(dbt, seeds, workspace):
    """The seeds as dbt loads them, and the SQL of their tests."""
    path = workspace / "seeds_only.duckdb"
    result = dbt("build", project=seeds, TESSERA_DATABASE=str(path))
    assert result.success, "the seeds as they are shipped are good"
    return path, compiled_tests(result.result)


@pytest.fixture
def broken_by(built):
    """The problems that each test finds after a change to the good seeds, which is undone."""
    path, tests = built
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"set schema = '{SCHEMA}'; begin")

        def change(statement: str) -> dict[str, list[str]]:
            connection.execute(statement)
            found = {name: connection.execute(sql).fetchall() for name, sql in tests.items()}
            return {name: [row[0] for row in rows] for name, rows in found.items() if rows}

        yield change
        connection.execute("rollback")


def test_every_rule_is_broken_once(built):
    assert {test for _, test, _ in BROKEN} == set(built[1])


@pytest.mark.parametrize(("statement", "test", "words"), BROKEN, ids=lambda text: text[:60])
def test_a_broken_rule_is_told(broken_by, statement, test, words):
    problems = broken_by(statement)
    assert test in problems, problems
    assert any(words in problem for problem in problems[test]), problems[test]
    for problem in problems[test]:
        assert "\n" not in problem


@pytest.mark.parametrize("statement", GOOD, ids=lambda text: text[:60])
def test_what_is_allowed_passes(broken_by, statement):
    assert broken_by(statement) == {}


def test_a_broken_rule_stops_what_depends_on_the_seeds(dbt, seeds, built, workspace, capfd):
    arms = seeds / "seeds" / "experiment_arms.csv"
    good = arms.read_text()
    arms.write_text(good.replace("cart_recovery,reminder,false,0.5", "cart_recovery,reminder,false,0.4"))
    try:
        result = dbt("build", project=seeds, loud=True, TESSERA_DATABASE=str(workspace / "broken.duckdb"))
    finally:
        arms.write_text(good)
    statuses = {item.node.name: str(item.status) for item in result.result}
    assert statuses["assert_arms_of_an_experiment_add_up"] == "fail"
    assert statuses["assignments"] == "skipped"
    assert "the arm weights of experiment cart_recovery sum to 0.9 in seeds/experiment_arms.csv" in capfd.readouterr().out


def test_accounts_that_no_contact_names_are_told(project, capfd):
    """What only the raw tables know: the shipped trial_upsell is on accounts."""
    project.write("web/events", [{"event_id": "e1", "event_name": "page_viewed"}])
    named = dict(as_of="2026-04-02")
    test = ("test", "--select", "assert_account_experiments_have_accounts", "--vars", str(named))
    project.build("+mart_experiments", "+stg_crm__contacts", tests=False, **named)
    assert not project.dbt(*test).success
    said = capfd.readouterr().out
    assert "experiment trial_upsell in seeds/experiments.csv: unit_type is account, and no row of crm/contacts" in said

    project.write("crm/contacts", [{"contact_id": "c1", "account_id": "a1"}])
    project.build("+mart_experiments", "+stg_crm__contacts", tests=False, **named)
    assert project.dbt(*test).success
