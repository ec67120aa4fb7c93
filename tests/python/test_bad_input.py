"""What a user can get wrong beside the raw files and the variables, and the one line that says so."""

import shutil
from pathlib import Path

import pytest
import yaml
from conftest import messages

from tools import build, project, publish
from tools.demo import __main__ as demo
from tools.project import ROOT

# --- Segment families ------------------------------------------------------------------------------------------------

META = {
    "owner": "growth",
    "purpose": "Win back",
    "signals": ["searches"],
    "retention_days": 30,
    "priority": 5,
    "kind": "audience",
}

# family -> (its meta, what its line says; None where nothing is wrong)
FAMILIES = {
    "good": (META, None),
    "with_sizes": (META | {"min_size": 1, "max_size": 2}, None),
    "with_empty_size": (META | {"min_size": None}, None),
    **{f"no_{key}": ({k: v for k, v in META.items() if k != key}, f"its YAML lacks config.meta.{key}") for key in META},
    **{f"empty_{key}": (META | {key: None}, f"its YAML lacks config.meta.{key}") for key in META},
    "no_meta": ({}, "its YAML lacks " + ", ".join(f"config.meta.{key}" for key in META)),
    "bare": (None, "no YAML names this model; put seg_bare.yml beside it, with "
             + ", ".join([*(f"config.meta.{key}" for key in META), "a description"])),
    "numbered": (META | {"owner": 42}, "config.meta.owner is a text, not `42`"),
    "spelt": (META | {"signals": "searches"}, "config.meta.signals is a list of texts, not `searches`"),
    "counted": (META | {"signals": [1]}, "config.meta.signals is a list of texts, not `[1]`"),
    "kinder": (META | {"kind": "Audience"}, "config.meta.kind is audience or exclusion, not `Audience`"),
    "buyers_out": (META | {"excludes": ["silent", "silent@7d", "silent@1d"]}, None),
    "silent": (META | {"kind": "exclusion"}, None),
    **{
        family: (META | {"excludes": given}, "config.meta.excludes is a list of families of kind "
                 f"exclusion, not `{given}`")
        for family, given in {"numbers_out": [7], "text_out": "silent", "all_out": None}.items()
    },
    **{
        family: (META | {"excludes": [given]}, f"config.meta.excludes names `{given}`; it can name families of kind exclusion, "
                 "silent")
        for family, given in {"staff_out": "staff", "audience_out": "good", "unlisted_out": "unlisted"}.items()
    },
    **{
        family: (META | {"excludes": [given]}, f"config.meta.excludes names `{given}`, and neither lookback_days nor "
                 "cart_lookback_days has its window")
        for family, given in {"other_window_out": "silent@8d", "no_window_out": "silent@"}.items()
    },
    "best": (META | {"keep_top": 200}, None),
    "best_of_none": (META | {"keep_top": 0}, "config.meta.keep_top is a whole number from 1, not `0`"),
    "best_of_text": (META | {"keep_top": "500"}, "config.meta.keep_top is a whole number from 1, not `500`"),
    "best_of_few": (META | {"keep_top": 199}, "config.meta.keep_top 199 is below min_size 200"),
    "own_entries": (META | {"contains_pii": True, "max_frequency": 3}, None),
    "one_out": (META | {"exclude": ["silent"]}, "config.meta.exclude is nothing that a family has; do you mean excludes?"),
    "hyphened": (META | {"Keep-Top": 500}, "config.meta.Keep-Top is nothing that a family has; do you mean keep_top?"),
    "untested": (META, "no unit test shows who is in and who is just out; put one under `unit_tests` of its YAML"),
    "thirty": (META | {"retention_days": "30"}, "config.meta.retention_days is a whole number from 1, not `30`"),
    "never": (META | {"retention_days": 0}, "config.meta.retention_days is a whole number from 1, not `0`"),
    "upside_down": (META | {"min_size": 9, "max_size": 9}, "config.meta.min_size 9 is not below max_size 9"),
    "unlisted": (META, "not in the variable `segments` (vars.yml); add the line `- unlisted`"),
}  # fmt: skip


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    """A project of nothing but segment families, each with one thing wrong."""
    folder = tmp_path_factory.mktemp("families")
    (folder / "dbt_project.yml").write_text("{name: families, profile: tessera}")
    listed = [family for family in FAMILIES if family != "unlisted"]
    given = {"segments": listed, "segment_min_size": 200, "segment_max_size": 2000, "lookback_days": [7], "cart_lookback_days": [1]}
    (folder / "vars.yml").write_text(yaml.safe_dump({"vars": given}))
    for name in ("macros/checks/segment_families.sql", "macros/project/segment_families.sql"):
        (folder / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "models").mkdir()
    shutil.copy(ROOT / "models/segments/int_segment_candidates.sql", folder / "models")
    for family, (meta, _) in FAMILIES.items():
        (folder / f"models/seg_{family}.sql").write_text("select 1 as customer_id")
        if meta is not None:
            model = {"name": f"seg_{family}", "description": "One row.", "config": {"meta": meta}}
            test = {"name": f"in_{family}", "model": model["name"], "given": [], "expect": {"rows": [{"customer_id": 1}]}}
            written = {"models": [model]} | ({} if family in ("bare", "untested") else {"unit_tests": [test]})
            (folder / f"models/seg_{family}.yml").write_text(yaml.safe_dump(written))
    return folder


def test_each_incomplete_family_is_told_of_in_one_line_that_names_its_file(dbt, families, capfd):
    assert not dbt("run-operation", "check_segment_families", project=families).success
    lines = [line.strip() for line in capfd.readouterr().out.splitlines()]
    assert [line for line in lines if line.startswith("models/")] == [
        f"models/seg_{family}.sql: {said}" for family, (_, said) in sorted(FAMILIES.items()) if said
    ]


def test_a_listed_family_without_a_model_is_named(dbt, families):
    result = dbt("parse", "--vars", "{segments: [good, ghosts]}", project=families)
    assert not result.success
    assert "int_segment_candidates" in messages(result)
    assert "a node named 'seg_ghosts' which was not found" in messages(result)


# --- The demo's folder -----------------------------------------------------------------------------------------------

BROKEN_MARKERS = ["", "{", "[]", "null", '"demo"', "{}", '{"chapters": [1], "seed": 7}',
                  '{"chapters": 1, "seed": "x", "customers": "y", "launch": "2026-04-01", "version": 1}']  # fmt: skip


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("TESSERA_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("TESSERA_DATABASE", str(tmp_path / "tessera.duckdb"))
    monkeypatch.setenv("TESSERA_DEMO_CUSTOMERS", "100")
    (tmp_path / "raw").mkdir()
    return tmp_path


@pytest.mark.parametrize("text", BROKEN_MARKERS)
def test_a_broken_marker_is_named_and_nothing_is_replaced(folders, text, monkeypatch, capsys):
    raw = folders / "raw"
    (raw / "_demo.json").write_text(text)
    monkeypatch.setattr(project, "python", lambda *arguments: demo.main(list(arguments[2:])))
    with pytest.raises(SystemExit):
        build.main()
    said = capsys.readouterr()
    assert said.err.startswith(f"demo: {raw}/_demo.json is not what the demo wrote there") and said.err.count("\n") == 1
    assert "making a demo" not in said.out
    assert [path.name for path in raw.iterdir()] == ["_demo.json"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(30, "Read-only file system"), "Read-only file system"),
        (build.duckdb.IOException('IO Error: {"exception_message":"a:\\n No space left on device"}'),
         "No space left on device"),
        (build.duckdb.IOException("IO Error: Something\nelse"), "IO Error: Something else"),
    ],
)  # fmt: skip
def test_a_demo_that_cannot_be_written_is_one_line(folders, error, said, monkeypatch, capsys):
    def generate(request):
        raise error

    monkeypatch.setattr(demo, "generate", generate)
    assert demo.main(["--customers", "100"]) == 2
    assert capsys.readouterr().err == f"demo: cannot write to {folders / 'raw'}: {said}\n"


# --- Two builds at once ----------------------------------------------------------------------------------------------


def test_a_second_build_is_refused_while_the_first_is_at_work(folders, monkeypatch, capsys):
    path: Path = folders / "tessera.duckdb"
    monkeypatch.setattr(build, "build_demo", lambda *_: pytest.fail("it is not to start"))
    with build.claim(path):
        assert build.main() == 1
    assert capsys.readouterr().out == f"Another `make build` is at work on {path}. Wait until it ends.\n"
    monkeypatch.setattr(build, "build_demo", lambda *_: None)
    monkeypatch.setattr(publish, "publish", lambda *_: "Published.")
    assert build.main() == 0, "the claim ends with the build"


# --- Settings of the engine ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine_check(tmp_path_factory):
    """A project of nothing but the check, and the profile that ships."""
    folder = tmp_path_factory.mktemp("engine")
    (folder / "macros").mkdir()
    shutil.copy(ROOT / "macros" / "checks" / "engine_settings.sql", folder / "macros")
    # Asked as the macros of this project, whatever the name of the one that runs them.
    (folder / "dbt_project.yml").write_text("{name: tessera, profile: tessera}")
    return folder


@pytest.mark.parametrize(("off", "missing"), [
    ("build_side_probe_side,outer_join_simplification", None),
    ("outer_join_simplification,build_side_probe_side,join_order", None),
    ("build_side_probe_side", "outer_join_simplification"),
    ("", "build_side_probe_side, outer_join_simplification"),
])  # fmt: skip
def test_duckdb_is_not_trusted_with_optimizers_that_lose_rows(engine_check, dbt, off, missing, monkeypatch):
    settings = {"disabled_optimizers": off}
    profile = {"target": "duckdb", "outputs": {"duckdb": {"type": "duckdb", "path": ":memory:", "settings": settings}}}
    (engine_check / "profiles.yml").write_text(yaml.safe_dump({"tessera": profile}))
    from dbt.cli.main import dbtRunner

    monkeypatch.chdir(engine_check)
    result = dbtRunner().invoke(["run-operation", "check_engine_settings", "--quiet", "--profiles-dir", str(engine_check)])
    assert result.success == (missing is None)
    if missing:
        assert f"Missing: {missing}." in messages(result) or any(
            f"Missing: {missing}." in str(node.message) for node in result.result.results
        )


def test_rows_survive_joins_that_ask_for_what_is_missing(tmp_path):
    """What the setting is for: two such joins one after the other, the second on two keys, lost rows without it."""
    import duckdb

    profile = yaml.safe_load((ROOT / "profiles.yml.example").read_text())
    with duckdb.connect() as connection:
        off = profile["tessera"]["outputs"]["duckdb"]["settings"]["disabled_optimizers"]
        connection.execute(f"set disabled_optimizers = '{off}'")
        rows = connection.execute("""
            with people as (
                select experiments.name, members.customer
                from (values ('family'), ('week')) as experiments (name)
                inner join (values ('family', 'c1'), ('family', 'c7'), ('week', 'c7')) as segments (name, segment)
                    on experiments.name = segments.name
                inner join (values ('c1', 'day'), ('c7', 'day'), ('c7', 'free'), ('c7', 'gone')) as members (segment, customer)
                    on segments.segment = members.segment
            ),
            held as (select * from (values ('gone', null), ('gone', 'c7'), ('day', 'c1')) as held (customer, segment)),
            of_all as (select customer from held where segment is null),
            of_one as (
                select segments.name, held.customer
                from (values ('family', 'c1'), ('family', 'c7'), ('week', 'c7')) as segments (name, segment)
                inner join held on segments.segment = held.segment
                group by segments.name, held.customer
            )
            select distinct people.name, people.customer
            from people
            left join of_all on people.customer = of_all.customer
            left join of_one on people.name = of_one.name and people.customer = of_one.customer
            where of_all.customer is null and of_one.customer is null
        """).fetchall()
    assert sorted(rows) == [("family", "free"), ("week", "day"), ("week", "free")]
