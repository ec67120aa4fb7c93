"""Measure window features against polars and estimators against tea-tasting, on the same parquet files:
.build/peers/bin/python benchmarks/bench_peers.py [events] (or `make bench-peers`)

See README.md in this folder for what the figures mean.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import measuring
from measuring import Clock

ROOT = Path(__file__).resolve().parent.parent
OURS = ROOT / ".venv" / "bin" / "python"
THREADS = 2  # as in profiles.yml.example
AS_OF = "2026-04-01"

FEATURES = "int_customer_engagement"
FEATURE_COLUMNS = [
    "event_count", "interaction_count", "engagement_score", "active_days", "last_interaction_at", "pricing_page_views",
    "last_pricing_page_view_at", "product_views", "cart_adds", "checkout_starts", "form_submits", "searches",
    "content_interactions", "ad_clicks", "feature_uses", "advanced_feature_uses", "last_advanced_feature_use_at",
]
RATIO = "order_count"  # what stands below the line of the metrics that are ratios


def metrics_of(count):
    """{metric: (aggregation, denominator)}: one of yes and no, one of counts, amounts, and every fourth a ratio."""
    metrics = {"purchase_rate": ("any", None), RATIO: ("count", None)}
    for number in range(3, count + 1):
        metrics |= {f"amount_per_order_{number}": ("sum", RATIO)} if number % 4 == 0 else {f"amount_{number}": ("sum", None)}
    return dict(list(metrics.items())[:count])


# --- What is read: the same files for everybody ----------------------------------------------------------------------


def statements(folder, wanted, given):
    """[(relation, SQL)] of the models that make the `wanted` ones, in the order of their making; those of the rooms and
    models in `given` are read as they are."""
    nodes = json.loads((folder / "target" / "manifest.json").read_text())["nodes"]
    models = {node["name"]: node for node in nodes.values() if node["resource_type"] in ("model", "seed")}
    found = {}

    def visit(node):
        path = node["original_file_path"]
        if node["resource_type"] == "seed" or any(part in path for part in given):
            return
        for parent in node["depends_on"]["nodes"]:
            visit(nodes[parent])
        compiled = folder / "target" / "compiled" / "tessera" / path
        found.setdefault(node["relation_name"], compiled.read_text())

    for name in wanted:
        visit(models[name])
    return list(found.items())


def export(folder, made):
    """The relations that the statements read and do not make, as parquet files; {relation: file}."""
    import duckdb

    names = {name for name, _ in made}
    read = {name for _, sql in made for name in re.findall(r'"tessera"\."\w+"\."\w+"', sql)} - names
    files = {}
    with duckdb.connect(str(folder / "tessera.duckdb"), read_only=True) as connection:
        for name in sorted(read):
            files[name] = folder / "inputs" / (name.split(".")[-1].strip('"') + ".parquet")
            files[name].parent.mkdir(exist_ok=True)
            connection.execute(f"copy {name} to '{files[name]}' (format parquet)")
    return files


def write_units(folder, units, metrics):
    """An experiment of two arms: a row a unit for tea-tasting, a row a unit and metric as the project has them, each with
    the same metric before the assignment. Amounts are skewed, like revenue, and who ordered before orders again."""
    import duckdb

    def amount(orders, salt):
        normal = (f"sqrt(-2 * ln((hash(i, {salt}) % 1000003 + 1) / 1000004.0)) "
                  f"* cos(6.283185307179586 * (hash(i, {salt + 1}) % 1000003) / 1000003.0)")  # fmt: skip
        return f"round({orders} * exp(3 + 0.8 * {normal}), 2)"

    inputs, values = folder / "inputs", []
    for number, (name, (aggregation, _)) in enumerate(metrics.items()):
        for orders, column, salt in (("orders", name, 10 + 4 * number), ("orders_before", f"{name}_before", 12 + 4 * number)):
            how = {"any": f"cast({orders} > 0 as integer)", "count": orders, "sum": amount(orders, salt)}[aggregation]
            values.append(f"cast({how} as double) as {column}")
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"""
            copy (
                select
                    'u' || i as unit_id,
                    case when hash(i) % 2 = 0 then 'control' else 'treatment' end as arm_key,
                    {", ".join(values)}
                from (
                    select
                        i,
                        case when hash(i, 1) % 1000 < 30 then 1 + hash(i, 4) % 3 else 0 end as orders,
                        case when (hash(i, 1) + hash(i, 5) % 40) % 1000 < 30 then 1 + hash(i, 6) % 3 else 0 end
                            as orders_before
                    from range({units}) as numbers (i)
                )
            ) to '{inputs / "units.parquet"}' (format parquet)
        """)
        selects, rows = [], []
        for name, (how, bottom) in metrics.items():
            below = (bottom, f"{bottom}_before", f"'{bottom}'") if bottom else ("null",) * 3
            rows.append(f"('{name}', '{how}', {below[2]})")
            selects.append(f"""
                select unit_id, arm_key, '{name}' as metric_key, {name} as y, {name}_before as x, {below[0]} as d,
                    {below[1]} as z
                from '{inputs / "units.parquet"}'
            """)
        units, rows = f"({' union all '.join(selects)})", ", ".join(rows)
        seed = f"(values {rows}) as metrics (metric_key, aggregation, denominator_metric_key)"
        # What stands in place of the demo's rows; columns that are not named are null.
        for name, given, source in (
            ("experiment_unit_outcomes", {
                "experiment_key": "'x'", "metric_key": "metric_key", "unit_type": "'customer'", "unit_id": "unit_id",
                "arm_key": "arm_key", "is_control": "arm_key = 'control'", "outcome_value": "y", "denominator_value": "d",
                "covariate_value": "x", "covariate_denominator_value": "z", "is_exposed": "false", "is_mature": "true",
                "is_merged_across_arms": "false",
            }, units),
            ("mart_experiments", {"experiment_key": "'x'", "status": "'running'", "alpha": "0.05"}, "(select 1)"),
            ("experiments", {"experiment_key": "'x'", "status": "'running'", "alpha": "0.05"}, "(select 1)"),
            ("experiment_arms", {"experiment_key": "'x'", "arm_key": "arm_key", "is_control": "arm_key = 'control'"},
             "(values ('control'), ('treatment')) as arms (arm_key)"),
            ("experiment_metrics", {"experiment_key": "'x'", "metric_key": "metric_key"}, seed),
            ("metrics", {"metric_key": "metric_key", "aggregation": "aggregation",
                         "denominator_metric_key": "denominator_metric_key"}, seed),
            # No check has failed, and no campaign names the experiment.
            ("experiment_health", {}, "(select 1 where false)"),
            ("stg_ads__campaigns", {}, "(select 1 where false)"),
        ):
            file = inputs / f"{name}.parquet"
            if not file.exists():
                continue
            columns = connection.execute(f"describe select * from '{file}'").fetchall()
            chosen = ", ".join(f"cast({given.get(column, 'null')} as {kind}) as {column}" for column, kind, *_ in columns)
            connection.execute(f"create or replace table made as select {chosen} from {source}")
            connection.execute(f"copy made to '{file}' (format parquet)")


# --- What is measured, each in a process of its own ------------------------------------------------------------------


def run_ours(folder, name, only_days=None):
    """The project's statements on views of the parquet files, in a database in a file."""
    import duckdb

    plan = json.loads((folder / f"{name}.json").read_text())
    place = folder / f"ours_{name}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    with duckdb.connect(str(place / "tessera.duckdb")) as connection:
        connection.execute(f"set threads = {THREADS}; set preserve_insertion_order = false")
        for relation in [*plan["files"], *(relation for relation, _ in plan["made"])]:
            connection.execute(f"create schema if not exists {relation.rsplit('.', 1)[0]}")
        for relation, file in plan["files"].items():
            connection.execute(f"create view {relation} as select * from read_parquet('{file}')")
        started = Clock()
        for relation, sql in plan["made"]:
            for bound, day in zip(("0001-01-01", "9999-12-31"), only_days or ()):
                sql = sql.replace(f"cast('{bound}' as date)", f"cast('{day}' as date)")
            connection.execute(f"create table {relation} as {sql}")
        seconds = started.seconds()
        connection.execute(f"copy {plan['made'][-1][0]} to '{folder / f'{name}_ours.parquet'}' (format parquet)")
    return seconds


def features_ours(folder):
    # The thirty days before as_of: what polars reads too.
    return run_ours(folder, "features", ("2026-03-02", AS_OF))


def features_polars(folder):
    os.environ["POLARS_MAX_THREADS"] = str(THREADS)
    import polars as pl

    inputs = folder / "inputs"
    started = Clock()
    end = pl.lit(AS_OF).str.to_date()
    events = pl.scan_parquet(inputs / "stg_web__events.parquet").filter(
        (pl.col("event_date") >= end.dt.offset_by("-30d")) & (pl.col("event_date") < end)
    )
    patterns = pl.read_parquet(inputs / "page_types.parquet").sort("priority", "url_pattern")
    page_type = pl.coalesce(
        *(
            pl.when(pl.col("page_url").str.to_lowercase().str.contains(as_regex(row["url_pattern"])))
            .then(pl.lit(row["page_type"]))
            for row in patterns.iter_rows(named=True)
        ),
        pl.lit("other"),
    )
    pages = events.select("page_url").unique().drop_nulls().with_columns(page_type=page_type)
    named = (
        events.select("identifier_id", "event_name", "event_date", "occurred_at", "page_url")
        .join(pl.scan_parquet(inputs / "int_identity_map.parquet").select("identifier_id", "customer_id"),
              on="identifier_id")
        .join(pl.scan_parquet(inputs / "event_types.parquet"), on="event_name", how="left")
        .join(pages, on="page_url", how="left")
        .with_columns(weight=pl.col("engagement_weight").fill_null(0), kind=pl.col("engagement_type"))
    )
    def count(*kinds):
        return pl.col("kind").is_in(list(kinds)).sum()

    is_pricing = (pl.col("kind") == "page_view") & (pl.col("page_type") == "pricing")
    is_advanced = pl.col("kind") == "advanced_feature_use"
    windows = [
        named.filter(pl.col("event_date") >= end.dt.offset_by(f"-{days}d"))
        .group_by("customer_id")
        .agg(
            event_count=pl.len(),
            interaction_count=(pl.col("weight") >= 1).sum(),
            engagement_score=pl.col("weight").sum(),
            active_days=pl.col("event_date").n_unique(),
            last_interaction_at=pl.col("occurred_at").filter(pl.col("weight") >= 1).max(),
            pricing_page_views=is_pricing.sum(),
            last_pricing_page_view_at=pl.col("occurred_at").filter(is_pricing).max(),
            product_views=count("product_view"),
            cart_adds=count("cart_add"),
            checkout_starts=count("checkout_start"),
            form_submits=count("form_submit"),
            searches=count("search"),
            content_interactions=count("content_view", "content_complete", "content_download"),
            ad_clicks=count("ad_click"),
            feature_uses=count("feature_use"),
            advanced_feature_uses=count("advanced_feature_use"),
            last_advanced_feature_use_at=pl.col("occurred_at").filter(is_advanced).max(),
        )
        .with_columns(lookback_days=pl.lit(days))
        for days in (7, 14, 30)
    ]
    pl.concat(windows).collect(engine="streaming").write_parquet(folder / "features_peer.parquet")
    return started.seconds()


def as_regex(pattern):
    """A pattern of SQL's LIKE that begins and ends with %, as the seed has them."""
    assert pattern.startswith("%") and pattern.endswith("%") and "_" not in pattern, pattern
    return ".*".join(re.escape(part) for part in pattern[1:-1].split("%"))


def estimators_ours(folder):
    return run_ours(folder, "estimators")


def estimators_tea_tasting(folder):
    """All that it has of what we have: means and ratios, with and without covariates, and proportions."""
    os.environ["POLARS_MAX_THREADS"] = str(THREADS)
    import polars as pl
    import tea_tasting as tea

    metrics = json.loads((folder / "metrics.json").read_text())
    asked = {}
    for name, (aggregation, bottom) in metrics.items():
        asked[f"{name} itt"] = tea.Mean(name)
        asked[f"{name} cuped"] = tea.Mean(name, covariate=f"{name}_before")
        if bottom:
            asked[f"{name} ratio"] = tea.RatioOfMeans(name, bottom)
            asked[f"{name} ratio_cuped"] = tea.RatioOfMeans(
                name, bottom, numer_covariate=f"{name}_before", denom_covariate=f"{bottom}_before"
            )
        if aggregation == "any":
            asked[f"{name} proportion"] = tea.Proportion(name)
    started = Clock()
    units = pl.read_parquet(folder / "inputs" / "units.parquet")
    result = tea.Experiment(**asked, variant="arm_key").analyze(units, control="control")
    seconds = started.seconds()
    # Its test of proportions is another one than ours: it is timed, not compared.
    rows = [
        {
            "metric_key": name.split()[0], "method": name.split()[1],
            "control_mean": found.control, "treatment_mean": found.treatment,
            "absolute_lift": found.effect_size,
            "ci_low": found.effect_size_ci_lower, "ci_high": found.effect_size_ci_upper,
            "relative_lift": found.rel_effect_size,
            "relative_ci_low": found.rel_effect_size_ci_lower, "relative_ci_high": found.rel_effect_size_ci_upper,
            "p_value": found.pvalue,
        }
        for name, found in result.items() if not name.endswith(" proportion")
    ]
    pl.DataFrame(rows).write_parquet(folder / "estimators_peer.parquet")
    return seconds


ROLES = {
    "features_ours": (OURS, features_ours),
    "features_polars": (sys.executable, features_polars),
    "estimators_ours": (OURS, estimators_ours),
    "estimators_tea_tasting": (sys.executable, estimators_tea_tasting),
    "prepare": (OURS, None),
    "compare": (OURS, None),
}


def command(role, folder, *arguments):
    return [str(ROLES[role][0]), __file__, "--role", role, "--folder", str(folder), *arguments]


def in_a_process(role, folder):
    return json.loads(subprocess.run(command(role, folder), check=True, stdout=subprocess.PIPE, text=True).stdout)


def prepare(folder, events, raw, units, metrics):
    """Warehouse, parquet files and the statements of ours; how many events of the thirty days there are."""
    import duckdb
    from bench_build import build_demo

    build_demo(folder, raw, "--events", str(events), as_of=AS_OF)
    for name, wanted, given in (
        ("features", [FEATURES], ("models/staging", "intermediate/identity", "int_lookback_windows", "/clock/")),
        ("estimators", ["int_experiment_current_statistics", "experiment_results"],
         ("experiment_unit_outcomes", "marts/experiments", "int_experiment_finished_statistics", "/clock/",
          "experiment_health", "models/staging")),
    ):
        made = statements(folder, wanted, given)
        files = export(folder, made)
        (folder / f"{name}.json").write_text(json.dumps({"made": made, "files": {k: str(v) for k, v in files.items()}}))
    (folder / "metrics.json").write_text(json.dumps(metrics))
    write_units(folder, units, metrics)
    with duckdb.connect() as connection:
        return connection.execute(
            f"select count(*) from '{folder / 'inputs' / 'stg_web__events.parquet'}' "
            f"where event_date >= date '{AS_OF}' - 30 and event_date < date '{AS_OF}'"
        ).fetchone()[0]


def compare(folder):
    """How many rows and figures differ by more than 1e-9, relatively."""
    import duckdb

    outcome = {}
    with duckdb.connect() as connection:
        for name, keys, columns in (
            ("features", ["customer_id", "lookback_days"], FEATURE_COLUMNS),
            ("estimators", ["metric_key", "method"], [
                "control_mean", "treatment_mean", "absolute_lift", "ci_low", "ci_high", "relative_lift",
                "relative_ci_low", "relative_ci_high", "p_value",
            ]),
        ):
            only = "where method in ('itt', 'cuped', 'ratio', 'ratio_cuped')" if name == "estimators" else ""
            ours = f"(select * from '{folder}/{name}_ours.parquet' {only})"
            peer = f"'{folder}/{name}_peer.parquet'"
            on = " and ".join(f"ours.{key} = peer.{key}" for key in keys)
            count = connection.execute(f"select count(*) from {ours} as ours full join {peer} as peer on {on}").fetchone()
            both = connection.execute(f"select count(*) from {ours} as ours join {peer} as peer on {on}").fetchone()
            differing = {}
            for column in columns:
                is_same = (
                    f"ours.{column} = peer.{column}" if column.endswith("_at")
                    else f"abs(ours.{column} - peer.{column}) <= 1e-9 * greatest(abs(ours.{column}), 1e-12)"
                )
                number = connection.execute(
                    f"select count(*) from {ours} as ours join {peer} as peer on {on} where not coalesce({is_same}, "
                    f"ours.{column} is null and peer.{column} is null)"
                ).fetchone()[0]
                if number:
                    differing[column] = number
            outcome[name] = {"rows": count[0], "in_both": both[0], "differing": differing}
    return outcome


def tell(words, result, ours=None):
    text = f"{words}: {result['wall']:.2f} s wall, {result['cpu']:.2f} s CPU, peak {result['peak'] / 2**20:,.0f} MB"
    if ours:
        text += "; ours takes " + ", ".join(
            f"{ours[key] / result[key]:.2f} times {name}"
            for key, name in (("wall", "its wall time"), ("cpu", "its CPU time"), ("peak", "its memory"))
        )
    print(text, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("events", type=int, nargs="?", default=1_000_000, help="size of the demo (1 million)")
    parser.add_argument("--units", type=int, default=1_000_000, help="units of the experiment (1 million)")
    parser.add_argument("--metrics", type=int, default=3, help="metrics of the experiment (3)")
    parser.add_argument("--raw", type=Path, help="a demo that `python -m tools.demo` made, in place of `events`")
    parser.add_argument("--folder", type=Path, help="work here and keep what was made (default: a temporary folder)")
    parser.add_argument("--role", choices=ROLES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role:
        if options.role == "prepare":
            # What it makes tells how far it is; the number is not printed between.
            events = prepare(options.folder, options.events, options.raw, options.units, metrics_of(options.metrics))
            (options.folder / "events").write_text(str(events))
            return
        if options.role == "compare":
            result = compare(options.folder)
        else:
            result = ROLES[options.role][1](options.folder)
        result["peak"] = measuring.peak()
        print(json.dumps(result))
        return
    folder = (options.folder or Path(tempfile.mkdtemp(prefix="bench-peers-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        measure(folder, options)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)


def measure(folder, options):
    more = ["--units", str(options.units), "--metrics", str(options.metrics)]
    more += ["--raw", str(options.raw.resolve())] if options.raw else []
    subprocess.run(command("prepare", folder, str(options.events), *more), check=True)
    events = int((folder / "events").read_text())
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {THREADS} threads each")
    print(f"window features of 30 days, {events:,} events, from parquet:")
    ours = in_a_process("features_ours", folder)
    tell("  ours", ours)
    tell("  polars", in_a_process("features_polars", folder), ours)
    print(f"estimators, {options.units:,} units, {options.metrics} metrics, from parquet:")
    ours = in_a_process("estimators_ours", folder)
    tell("  ours", ours)
    tell("  tea-tasting on polars", in_a_process("estimators_tea_tasting", folder), ours)
    good = True
    for name, outcome in in_a_process("compare", folder).items():
        if name == "peak":
            continue
        same = outcome["rows"] == outcome["in_both"] and not outcome["differing"]
        print(f"{name}: {outcome['rows']:,} rows, " + ("the same" if same else f"OTHER OUTCOME {outcome}"))
        good = good and same
    if not good:
        sys.exit("The outcomes differ.")


if __name__ == "__main__":
    main()
