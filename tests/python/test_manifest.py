"""The structure of the project: rooms and their order, what only one room may do, and what every model carries.

Each rule is a function of the manifest that returns violations in words. The rules are asked of the project, and each
is asked again of a manifest with one thing put wrong, so that a rule that can no longer fail is noticed.
"""

import json
import re
from collections.abc import Callable, Iterator

import pytest

from tools.project import ROOT

# The rooms in the order in which data flows: a model reads from its own room and from those above it.
ROOMS = {
    "staging": "models/staging/",
    "clock": "models/intermediate/clock/",
    "identity": "models/intermediate/identity/",
    "activity": "models/intermediate/activity/",
    "features": "models/intermediate/features/",
    "segments": "models/segments/",
    "customers": "models/marts/customers/",
    "segment_marts": "models/marts/segments/",
    "experiments": "models/marts/experiments/",
    "measurement": "models/marts/measurement/",
    "performance": "models/marts/performance/",
    "activation": "models/marts/activation/",
    "quality": "models/marts/quality/",
    "semantic": "models/semantic/",
}
ORDER = list(ROOMS)
GROUPS_OF = {room: {room} for room in ROOMS} | {
    "segment_marts": {"segments"},
    # What reports on refused rows reads them, and they are private to staging.
    "quality": {"staging"},
}
MARTS = [room for room, folder in ROOMS.items() if folder.startswith("models/marts/")]

# These rooms do not read each other, except that performance may read measurement.
SIDE_BY_SIDE = {"measurement", "performance", "activation"}
MAY_READ_ACROSS = {("performance", "measurement")}

# The clock asks staging for the last fact, and staging asks the clock what is past its retention.
MAY_READ_BELOW = {("staging", "clock")}

# Quality reports on what staging refused; it stands last and feeds no one.
READERS_OF_EVENTS = {"staging", "identity", "activity"}
WINDOW_VARIABLES = {"lookback_days", "cart_lookback_days", "interest_half_life_days"}
STATISTICS_FOLDER = "macros/statistics/"
# Whether an arm paid is a question of money, of which measurement knows nothing: it takes a lift and its error from there,
# and asks the distribution.
WEIGHS_MONEY = {"experiment_economics": "macros/statistics/distributions.sql"}
# What `make export` hands out is in it; a test of audiences that fails keeps it as it was.
MEMORY_OF_WHAT_WAS_SENT = "model.tessera.int_audience_batch_rows"
# What is judged before anybody is assigned.
ABOVE_THE_LEDGER = {"experiment_power", "experiment_launch_checks"}
CLOCK_READS = re.compile(
    r"\b(now|getdate|today|random|rand|uuid|gen_random_uuid|current_localtimestamp)\s*\("
    r"|\b(current_date|current_timestamp|current_time|localtimestamp)\b",
    re.IGNORECASE,
)

KINDS = {"audience", "exclusion"}
# Which entries a segment family's meta has, and of what type; the sizes and excludes may be left to the defaults.
REQUIRED_META = {"owner": str, "purpose": str, "signals": list, "retention_days": int, "priority": int, "kind": str}
OPTIONAL_META = {"min_size": int, "max_size": int, "excludes": list, "keep_top": int}

Manifest = dict
Rule = Callable[[Manifest], list[str]]


# --- Reading the manifest --------------------------------------------------------------------------------------------


def models(manifest: Manifest) -> list[dict]:
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["package_name"] == "tessera"
    ]


def room_of(node: dict) -> str | None:
    path = node["original_file_path"]
    return next((room for room, folder in ROOMS.items() if path.startswith(folder)), None)


def reads(manifest: Manifest, node: dict) -> Iterator[dict]:
    """The models and sources that a node reads itself."""
    for key in node["depends_on"]["nodes"]:
        found = manifest["nodes"].get(key) or manifest["sources"].get(key)
        if found:
            yield found


def macros_of(manifest: Manifest, node: dict) -> set[str]:
    """The macros of this project that a node calls, and those that they call."""
    seen: set[str] = set()
    waiting = list(node["depends_on"]["macros"])
    while waiting:
        key = waiting.pop()
        if key not in seen and key.startswith("macro.tessera."):
            seen.add(key)
            waiting += manifest["macros"].get(key, {}).get("depends_on", {}).get("macros", [])
    return seen


def sql_of(node: dict) -> str:
    """A model's or macro's SQL without comments, which may name what they explain."""
    text = node.get("raw_code") or node.get("macro_sql") or ""
    text = re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL)
    return re.sub(r"--[^\n]*", " ", text)


def tests_of(manifest: Manifest, node: dict) -> list[dict]:
    return [
        test
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test" and test.get("attached_node") == node["unique_id"]
    ]


def is_family(node: dict) -> bool:
    return room_of(node) == "segments" and node["name"].startswith("seg_")


# --- The rules -------------------------------------------------------------------------------------------------------


def every_model_is_in_a_room(manifest: Manifest) -> list[str]:
    return [
        f"{node['name']} stands in {node['original_file_path']}, which is no room"
        for node in models(manifest)
        if room_of(node) is None
    ]


def rooms_are_read_in_order(manifest: Manifest) -> list[str]:
    found = []
    for node in models(manifest):
        for other in reads(manifest, node):
            here, there = room_of(node), room_of(other) if other["resource_type"] == "model" else None
            if here is None or there is None:
                continue
            if ORDER.index(there) > ORDER.index(here) and (here, there) not in MAY_READ_BELOW:
                found.append(f"{node['name']} ({here}) reads {other['name']}, which stands below it in {there}")
            elif {here, there} <= SIDE_BY_SIDE and here != there and (here, there) not in MAY_READ_ACROSS:
                found.append(f"{node['name']} ({here}) reads {other['name']} of {there}, which stands beside it")
    return found


def only_staging_models_named_base_read_sources(manifest: Manifest) -> list[str]:
    return [
        f"{node['name']} reads the source {other['name']}; only base_ models of staging do"
        for node in models(manifest)
        for other in reads(manifest, node)
        if other["resource_type"] == "source"
        and not (room_of(node) == "staging" and node["name"].startswith("base_"))
    ]


def every_source_has_one_reader(manifest: Manifest) -> list[str]:
    # Views that say which days a raw table has rows of, for the model that is made of it by day.
    raw_days = {node["config"]["meta"].get("raw_days") for node in models(manifest)}
    read = [
        other["unique_id"]
        for node in models(manifest)
        if node["name"] not in raw_days
        for other in reads(manifest, node)
        # Matching, which is off by default, compares in memory what base_crm__contacts writes down hashed.
        if other["resource_type"] == "source" and node["name"] != "base_crm__contact_matches"
    ]
    return [
        f"{source['source_name']}.{source['name']} is read by {read.count(key)} models; one stages it"
        for key, source in manifest["sources"].items()
        if read.count(key) != 1
    ]


def only_experiments_hash_units(manifest: Manifest) -> list[str]:
    return [
        f"{node['name']} calls hash_fraction, which is for models/marts/experiments/ alone"
        for node in models(manifest)
        if room_of(node) != "experiments"
        and any("hash_fraction" in macro.rsplit(".", 1)[-1] for macro in macros_of(manifest, node))
    ]


def only_features_open_windows(manifest: Manifest) -> list[str]:
    found = []
    for node in models(manifest):
        if room_of(node) == "features":
            continue
        code = sql_of(node) + " ".join(sql_of(manifest["macros"][key]) for key in macros_of(manifest, node))
        for name in sorted(WINDOW_VARIABLES & set(re.findall(r"var\(\s*['\"](\w+)['\"]", code))):
            found.append(f"{node['name']} uses the variable {name}; lookback windows belong to features")
    return found


def only_early_rooms_read_events(manifest: Manifest) -> list[str]:
    return [
        f"{node['name']} ({room_of(node)}) reads single events; later rooms read the daily activity"
        for node in models(manifest)
        for other in reads(manifest, node)
        if other["name"] in ("stg_web__events", "base_web__events") and room_of(node) not in READERS_OF_EVENTS
        # What was refused is reported row by row.
        and not (room_of(node) == "quality" and other["name"] == "base_web__events")
    ]


def days_follow_from_days(manifest: Manifest) -> list[str]:
    """Else a day that is held already would not be made again where what it was made of has changed."""
    return [
        f"{node['name']} is made by day and reads {other['name']}, which is not, nor a view or a seed"
        for node in models(manifest)
        if node["config"]["materialized"] == "by_day"
        for other in reads(manifest, node)
        if other["resource_type"] == "model" and other["config"]["materialized"] not in ("by_day", "view")
        # by_day.sql looks for the days of those who were erased since.
        and other["name"] != "base_privacy__tombstones"
    ]


def only_measurement_computes_statistics(manifest: Manifest) -> list[str]:
    return [
        f"{node['name']} calls {key.rsplit('.', 1)[-1]}; p-values and intervals belong to measurement"
        for node in models(manifest)
        if room_of(node) != "measurement" and node["name"] not in ABOVE_THE_LEDGER
        for key in sorted(macros_of(manifest, node))
        if (path := manifest["macros"][key]["original_file_path"]).startswith(STATISTICS_FOLDER)
        and path != WEIGHS_MONEY.get(node["name"])
    ]


def nothing_reads_the_wall_clock_or_chance(manifest: Manifest) -> list[str]:
    written = models(manifest) + [
        node
        for node in [*manifest["macros"].values(), *manifest["nodes"].values()]
        if node["package_name"] == "tessera" and node["resource_type"] in ("macro", "test", "analysis")
    ]
    return [
        f"{node['name']} calls {match[0].strip()}; time is as_of() and chance is hash_fraction()"
        for node in written
        if (match := CLOCK_READS.search(sql_of(node)))
    ]


def every_model_says_what_a_row_is(manifest: Manifest) -> list[str]:
    return [
        f"the description of {node['name']} does not open with 'One row per'"
        for node in models(manifest)
        if not node["description"].startswith("One row per ")
    ]


def every_column_is_described(manifest: Manifest) -> list[str]:
    found = [f"{node['name']} documents no column" for node in models(manifest) if not node["columns"]]
    return found + [
        f"{node['name']}.{column['name']} has no description"
        for node in models(manifest)
        for column in node["columns"].values()
        if not column["description"].strip()
    ]


def every_grain_is_tested(manifest: Manifest) -> list[str]:
    def is_tested(node: dict) -> bool:
        names = [(test.get("test_metadata") or {}).get("name", "") for test in tests_of(manifest, node)]
        return any("unique" in name for name in names)

    # A row of a base model is a raw row, which may come twice: its stg_ model, of the accepted ones, has the key. The
    # families' is tested where they are united.
    return [
        f"no test says that the grain of {node['name']} is unique"
        for node in models(manifest)
        if not (is_tested(node) or node["name"].startswith("base_") or is_family(node))
    ]


def families_carry_their_meta(manifest: Manifest) -> list[str]:
    found = []
    for node in filter(is_family, models(manifest)):
        meta = node["config"].get("meta") or {}
        for name, kind in REQUIRED_META.items():
            if not isinstance(meta.get(name), kind) or isinstance(meta.get(name), bool) or meta[name] in ("", []):
                found.append(f"{node['name']} needs config.meta.{name}, {kind.__name__}; it has {meta.get(name)!r}")
        for name, kind in OPTIONAL_META.items():
            if name in meta and (not isinstance(meta[name], kind) or isinstance(meta[name], bool)):
                found.append(f"{node['name']} has config.meta.{name} {meta[name]!r}, which is no {kind.__name__}")
        found += [
            f"{node['name']} has config.meta.{name}, which nothing reads"
            for name in meta
            if name not in REQUIRED_META | OPTIONAL_META
        ]
        if isinstance(meta.get("kind"), str) and meta["kind"] not in KINDS:
            found.append(f"{node['name']} is of kind {meta['kind']!r}; there are {', '.join(sorted(KINDS))}")
    return found


def families_are_shown_by_a_unit_test(manifest: Manifest) -> list[str]:
    shown = {test["model"] for test in manifest["unit_tests"].values()}
    return [
        f"{node['name']} has no unit test that shows who is in and who is just out"
        for node in filter(is_family, models(manifest))
        if node["name"] not in shown
    ]


def families_are_ephemeral(manifest: Manifest) -> list[str]:
    return [
        f"{node['name']} is a {node['config']['materialized']}; families are ephemeral and built where they are united"
        for node in filter(is_family, models(manifest))
        if node["config"]["materialized"] != "ephemeral"
    ]


def only_the_united_families_are_read(manifest: Manifest) -> list[str]:
    # Who is like the members of a segment is a family itself, so their seeds are read before all are united.
    readers = ("int_segment_candidates", "int_segment_scorecard_labels")
    return [
        f"{node['name']} reads {other['name']}; a family is read by int_segment_candidates and by families made of others"
        for node in models(manifest)
        for other in reads(manifest, node)
        if other["resource_type"] == "model" and is_family(other)
        and node["name"] not in readers and not is_family(node)
    ]


def public_marts_have_contracts(manifest: Manifest) -> list[str]:
    return [
        f"{node['name']} is public and its contract is not enforced"
        for node in models(manifest)
        if node["config"]["access"] == "public" and not node["config"]["contract"]["enforced"]
    ]


def only_marts_are_public(manifest: Manifest) -> list[str]:
    return [
        f"{node['name']} ({room_of(node)}) is public; only marts are"
        for node in models(manifest)
        if node["config"]["access"] == "public" and room_of(node) not in MARTS
    ]


def every_model_is_in_its_rooms_group(manifest: Manifest) -> list[str]:
    return [
        f"{node['name']} is of group {node['config']['group']!r} and stands in the room {room_of(node)}"
        for node in models(manifest)
        if room_of(node) and node["config"]["group"] not in GROUPS_OF[room_of(node)]
    ]


def base_models_are_private(manifest: Manifest) -> list[str]:
    return [
        f"{node['name']} is {node['config']['access']}; rows that may be refused are not for other rooms"
        for node in models(manifest)
        if node["name"].startswith("base_") and node["config"]["access"] != "private"
    ]


def names_follow_the_room(manifest: Manifest) -> list[str]:
    patterns = {
        "staging": r"(base|stg)_[a-z]+__[a-z_]+",
        "segments": r"(seg|int_segment)_[a-z_]+",
        **dict.fromkeys(("clock", "identity", "activity", "features"), r"int_[a-z_0-9]+"),
        **dict.fromkeys([*MARTS, "semantic"], r"(?!base_|stg_|seg_)[a-z_]+"),
    }
    return [
        f"{node['name']} is not named as models of {room_of(node)} are"
        for node in models(manifest)
        if room_of(node) and not re.fullmatch(patterns[room_of(node)], node["name"])
    ]


def nothing_is_sent_before_its_tests(manifest: Manifest) -> list[str]:
    """dbt holds a model back for a test only where the model comes after all that the test reads."""
    seen: set[str] = set()
    waiting = [MEMORY_OF_WHAT_WAS_SENT]
    while waiting:
        before = set(manifest["nodes"].get(waiting.pop(), {}).get("depends_on", {}).get("nodes", [])) - seen
        seen |= before
        waiting += before
    return [
        f"{test['name']} does not hold back {MEMORY_OF_WHAT_WAS_SENT}, which does not come after {key}"
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test" and test["original_file_path"].startswith("tests/activation/")
        and test["config"]["severity"].lower() == "error"
        for key in test["depends_on"]["nodes"]
        if key not in seen
    ]


RULES: list[Rule] = [
    every_model_is_in_a_room,
    rooms_are_read_in_order,
    only_staging_models_named_base_read_sources,
    every_source_has_one_reader,
    only_experiments_hash_units,
    only_features_open_windows,
    only_early_rooms_read_events,
    days_follow_from_days,
    only_measurement_computes_statistics,
    nothing_reads_the_wall_clock_or_chance,
    every_model_says_what_a_row_is,
    every_column_is_described,
    every_grain_is_tested,
    families_carry_their_meta,
    families_are_shown_by_a_unit_test,
    families_are_ephemeral,
    only_the_united_families_are_read,
    public_marts_have_contracts,
    only_marts_are_public,
    every_model_is_in_its_rooms_group,
    base_models_are_private,
    names_follow_the_room,
    nothing_is_sent_before_its_tests,
]


# --- The project keeps the rules -------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def manifest(artifacts) -> Manifest:
    return json.loads((artifacts / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps(manifest, rule):
    assert rule(manifest) == []


def test_the_project_keeps_them_with_everything_switched_on(dbt, manifest):
    result = dbt("parse", "--vars", "{probabilistic_matching: true}")
    switched_on = result.result.writable_manifest().to_dict(omit_none=False)
    assert "model.tessera.base_crm__contact_matches" in switched_on["nodes"].keys() - manifest["nodes"].keys()
    assert [line for rule in RULES for line in rule(switched_on)] == []


def test_every_folder_of_models_is_a_room(manifest):
    """A folder that no rule knows would be a room without rules."""
    folders = {path.parent.relative_to(ROOT).as_posix() + "/" for path in (ROOT / "models").rglob("*.sql")}
    assert not [folder for folder in folders if not folder.startswith(tuple(ROOMS.values()))]


# --- Each rule sees what it is there for -----------------------------------------------------------------------------


def a_node(name: str, path: str, **more) -> dict:
    config = {"access": "protected", "group": None, "materialized": "table", "meta": {}}
    config |= {"contract": {"enforced": False}} | more.pop("config", {})
    return {
        "unique_id": f"{more.get('resource_type', 'model')}.tessera.{name}",
        "name": name,
        "package_name": "tessera",
        "resource_type": "model",
        "original_file_path": path,
        "raw_code": "select 1 as one",
        "description": "One row per thing.",
        "columns": {"one": {"name": "one", "description": "It."}},
        "depends_on": {"nodes": [], "macros": []},
        "config": config,
    } | more


def a_unique_test(of: str) -> dict:
    return a_node(
        f"unique_{of}",
        "models/_models.yml",
        resource_type="test",
        attached_node=f"model.tessera.{of}",
        test_metadata={"name": "unique"},
    )


def a_macro(name: str, path: str, sql: str = "", calls: tuple[str, ...] = ()) -> dict:
    return {
        "name": name,
        "package_name": "tessera",
        "resource_type": "macro",
        "original_file_path": path,
        "macro_sql": sql,
        "depends_on": {"macros": list(calls)},
    }


@pytest.fixture
def good() -> Manifest:
    """A small project that keeps every rule."""
    meta = {
        "owner": "growth",
        "purpose": "Win them back",
        "signals": ["orders"],
        "retention_days": 30,
        "priority": 10,
        "kind": "audience",
    }
    contract = {"access": "public", "contract": {"enforced": True}}
    nodes = [
        a_node(
            "base_web__events",
            "models/staging/web/base_web__events.sql",
            config={"group": "staging", "access": "private"},
            depends_on={"nodes": ["source.tessera.web.events"], "macros": []},
        ),
        a_node(
            "stg_web__events",
            "models/staging/web/stg_web__events.sql",
            config={"group": "staging"},
            depends_on={"nodes": ["model.tessera.base_web__events"], "macros": []},
        ),
        a_unique_test("stg_web__events"),
        a_node(
            "int_activity_daily",
            "models/intermediate/activity/int_activity_daily.sql",
            config={"group": "activity"},
            depends_on={"nodes": ["model.tessera.stg_web__events"], "macros": []},
        ),
        a_unique_test("int_activity_daily"),
        a_node(
            "int_customer_windows",
            "models/intermediate/features/int_customer_windows.sql",
            config={"group": "features"},
            raw_code="select {{ var('lookback_days') }} as days  -- not now()",
            depends_on={"nodes": ["model.tessera.int_activity_daily"], "macros": []},
        ),
        a_unique_test("int_customer_windows"),
        a_node(
            "seg_lapsing",
            "models/segments/value/seg_lapsing.sql",
            config={"group": "segments", "materialized": "ephemeral", "meta": meta},
            depends_on={"nodes": ["model.tessera.int_customer_windows"], "macros": []},
        ),
        a_node(
            "seg_lapsing_again",
            "models/segments/composed/seg_lapsing_again.sql",
            config={"group": "segments", "materialized": "ephemeral", "meta": meta},
            depends_on={"nodes": ["model.tessera.seg_lapsing"], "macros": []},
        ),
        a_node(
            "int_segment_candidates",
            "models/segments/int_segment_candidates.sql",
            config={"group": "segments"},
            depends_on={"nodes": ["model.tessera.seg_lapsing"], "macros": []},
        ),
        a_unique_test("int_segment_candidates"),
        a_node(
            "experiment_assignments",
            "models/marts/experiments/experiment_assignments.sql",
            config={"group": "experiments"} | contract,
            depends_on={"nodes": ["model.tessera.int_segment_candidates"], "macros": ["macro.tessera.hash_fraction"]},
        ),
        a_unique_test("experiment_assignments"),
        a_node(
            "experiment_results",
            "models/marts/measurement/experiment_results.sql",
            config={"group": "measurement"} | contract,
            depends_on={"nodes": ["model.tessera.experiment_assignments"], "macros": ["macro.tessera.welch"]},
        ),
        a_unique_test("experiment_results"),
        a_node(
            "experiment_economics",
            "models/marts/performance/experiment_economics.sql",
            config={"group": "performance"} | contract,
            depends_on={"nodes": ["model.tessera.experiment_results"], "macros": []},
        ),
        a_unique_test("experiment_economics"),
        a_node(
            "audience_members",
            "models/marts/activation/audience_members.sql",
            config={"group": "activation"} | contract,
        ),
        a_unique_test("audience_members"),
        a_node(
            "int_audience_batch_rows",
            "models/marts/activation/int_audience_batch_rows.sql",
            config={"group": "activation"},
            depends_on={"nodes": ["model.tessera.audience_members"], "macros": []},
        ),
        a_unique_test("int_audience_batch_rows"),
        a_node(
            "assert_no_audience_without_consent",
            "tests/activation/assert_no_audience_without_consent.sql",
            resource_type="test",
            config={"severity": "ERROR"},
            depends_on={"nodes": ["model.tessera.audience_members"], "macros": []},
        ),
        a_node(
            "rejected_rows",
            "models/marts/quality/rejected_rows.sql",
            config={"group": "staging"} | contract,
            depends_on={"nodes": ["model.tessera.base_web__events"], "macros": []},
        ),
        a_unique_test("rejected_rows"),
    ]
    source = {
        "unique_id": "source.tessera.web.events",
        "resource_type": "source",
        "source_name": "web",
        "name": "events",
    }
    return {
        "nodes": {node["unique_id"]: node for node in nodes},
        "sources": {source["unique_id"]: source},
        "macros": {
            "macro.tessera.hash_fraction": a_macro("hash_fraction", "macros/engine/hash.sql"),
            "macro.tessera.welch": a_macro("welch", "macros/statistics/welch.sql"),
            "macro.tessera.split": a_macro("split", "macros/project/split.sql", calls=("macro.tessera.hash_fraction",)),
            "macro.tessera.p_value": a_macro("p_value", "macros/project/p.sql", calls=("macro.tessera.welch",)),
            "macro.tessera.window": a_macro("window", "macros/project/w.sql", sql="{{ var('lookback_days') }}"),
        },
        "unit_tests": {
            "unit_test.tessera.lapsing": {"model": "seg_lapsing"},
            "unit_test.tessera.lapsing_again": {"model": "seg_lapsing_again"},
        },
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_good_project_keeps(good, rule):
    assert rule(good) == []


def node(manifest: Manifest, name: str) -> dict:
    return manifest["nodes"][f"model.tessera.{name}"]


def reading(name: str, other: str) -> Callable[[Manifest], None]:
    return lambda manifest: node(manifest, name)["depends_on"]["nodes"].append(other)


def calling(name: str, macro: str) -> Callable[[Manifest], None]:
    return lambda manifest: node(manifest, name)["depends_on"]["macros"].append(f"macro.tessera.{macro}")


def written(name: str, sql: str) -> Callable[[Manifest], None]:
    return lambda manifest: node(manifest, name).update(raw_code=sql)


def configured(name: str, **config) -> Callable[[Manifest], None]:
    return lambda manifest: node(manifest, name)["config"].update(config)


def with_meta(**meta) -> Callable[[Manifest], None]:
    return lambda manifest: node(manifest, "seg_lapsing")["config"]["meta"].update(meta)


def without_meta(name: str) -> Callable[[Manifest], None]:
    return lambda manifest: node(manifest, "seg_lapsing")["config"]["meta"].pop(name)


def moved(name: str, path: str) -> Callable[[Manifest], None]:
    return lambda manifest: node(manifest, name).update(original_file_path=path)


def without_test(name: str) -> Callable[[Manifest], None]:
    return lambda manifest: manifest["nodes"].pop(f"test.tessera.unique_{name}")


BREAKS: list[tuple[Rule, Callable[[Manifest], None]]] = [
    (every_model_is_in_a_room, moved("rejected_rows", "models/extra/rejected_rows.sql")),
    (rooms_are_read_in_order, reading("int_activity_daily", "model.tessera.seg_lapsing")),
    (rooms_are_read_in_order, reading("stg_web__events", "model.tessera.rejected_rows")),
    (rooms_are_read_in_order, reading("stg_web__events", "model.tessera.int_activity_daily")),
    (rooms_are_read_in_order, reading("experiment_results", "model.tessera.experiment_economics")),
    (rooms_are_read_in_order, reading("audience_members", "model.tessera.experiment_results")),
    (rooms_are_read_in_order, reading("audience_members", "model.tessera.experiment_economics")),
    (only_staging_models_named_base_read_sources, reading("stg_web__events", "source.tessera.web.events")),
    (only_staging_models_named_base_read_sources, reading("int_activity_daily", "source.tessera.web.events")),
    (every_source_has_one_reader, lambda manifest: node(manifest, "base_web__events")["depends_on"]["nodes"].clear()),
    (only_experiments_hash_units, calling("seg_lapsing", "hash_fraction")),
    (only_experiments_hash_units, calling("experiment_results", "split")),
    (only_features_open_windows, written("seg_lapsing", "select {{ var('lookback_days') }} as days")),
    (only_features_open_windows, written("int_activity_daily", 'select {{ var( "cart_lookback_days" ) }} as days')),
    (only_features_open_windows, calling("experiment_results", "window")),
    (only_early_rooms_read_events, reading("int_customer_windows", "model.tessera.stg_web__events")),
    (only_early_rooms_read_events, reading("rejected_rows", "model.tessera.stg_web__events")),
    (days_follow_from_days, lambda manifest: (
        configured("int_activity_daily", materialized="by_day")(manifest),
        reading("int_activity_daily", "model.tessera.rejected_rows")(manifest),
    )),
    (only_measurement_computes_statistics, calling("experiment_economics", "welch")),
    (only_measurement_computes_statistics, calling("experiment_assignments", "p_value")),
    (nothing_reads_the_wall_clock_or_chance, written("seg_lapsing", "select now() as at")),
    (nothing_reads_the_wall_clock_or_chance, written("seg_lapsing", "select CURRENT_DATE as day")),
    (nothing_reads_the_wall_clock_or_chance, written("seg_lapsing", "select current_timestamp as at")),
    (nothing_reads_the_wall_clock_or_chance, written("seg_lapsing", "select random () as chance")),
    (
        nothing_reads_the_wall_clock_or_chance,
        lambda manifest: manifest["macros"]["macro.tessera.window"].update(macro_sql="current_date"),
    ),
    (every_model_says_what_a_row_is, lambda manifest: node(manifest, "rejected_rows").update(description="Rejects.")),
    (every_model_says_what_a_row_is, lambda manifest: node(manifest, "rejected_rows").update(description="")),
    (every_column_is_described, lambda manifest: node(manifest, "rejected_rows")["columns"].clear()),
    (
        every_column_is_described,
        lambda manifest: node(manifest, "rejected_rows")["columns"]["one"].update(description=" "),
    ),
    (every_grain_is_tested, without_test("rejected_rows")),
    (every_grain_is_tested, without_test("stg_web__events")),
    *[(families_carry_their_meta, without_meta(name)) for name in REQUIRED_META],
    (families_carry_their_meta, with_meta(owner="")),
    (families_carry_their_meta, with_meta(signals="orders")),
    (families_carry_their_meta, with_meta(priority=True)),
    (families_carry_their_meta, with_meta(kind="crowd")),
    (families_carry_their_meta, with_meta(min_size="200")),
    (families_carry_their_meta, with_meta(excludes="staff")),
    (families_carry_their_meta, with_meta(keep_top="100")),
    (families_carry_their_meta, with_meta(purpsoe="typo")),
    (families_are_shown_by_a_unit_test, lambda manifest: manifest["unit_tests"].clear()),
    (
        families_are_shown_by_a_unit_test,
        lambda manifest: manifest["unit_tests"].pop("unit_test.tessera.lapsing_again"),
    ),
    (families_are_ephemeral, configured("seg_lapsing", materialized="table")),
    (only_the_united_families_are_read, reading("experiment_assignments", "model.tessera.seg_lapsing")),
    (only_the_united_families_are_read, reading("int_customer_windows", "model.tessera.seg_lapsing")),
    (public_marts_have_contracts, configured("rejected_rows", contract={"enforced": False})),
    (only_marts_are_public, configured("int_activity_daily", access="public")),
    (every_model_is_in_its_rooms_group, configured("seg_lapsing", group="features")),
    (every_model_is_in_its_rooms_group, configured("rejected_rows", group=None)),
    (base_models_are_private, configured("base_web__events", access="protected")),
    (names_follow_the_room, lambda manifest: node(manifest, "int_activity_daily").update(name="activity_daily")),
    (names_follow_the_room, lambda manifest: node(manifest, "seg_lapsing").update(name="lapsing")),
    (names_follow_the_room, moved("int_activity_daily", "models/segments/value/int_activity_daily.sql")),
    (nothing_is_sent_before_its_tests, lambda manifest: manifest["nodes"][
        "test.tessera.assert_no_audience_without_consent"
    ]["depends_on"]["nodes"].append("model.tessera.int_activity_daily")),
]


def test_every_rule_is_broken():
    assert {rule for rule, _ in BREAKS} == set(RULES)


@pytest.mark.parametrize(("rule", "break_it"), BREAKS, ids=lambda item: getattr(item, "__name__", ""))
def test_a_rule_sees_its_violation(good, rule, break_it):
    break_it(good)
    assert rule(good)
