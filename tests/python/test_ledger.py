"""The assignment ledger over several builds: rows are only ever added, and each is what its hash says.

One set of raw files is built as of several days, in the order in which a team might: the launch, two later days, a full
refresh, and a past day. What was in the ledger after each build is kept and compared.
"""

import collections
import datetime
import hashlib

import pytest
from scipy import stats
from warehouse import seed

LAUNCH, SECOND, THIRD, PAST = "2026-03-02", "2026-03-05", "2026-03-10", "2026-03-08"
HOLDOUT_SHARE = 0.1
PAIRS = 120

# experiment: (segment_id, unit_type, layer, layer_from, layer_to, starts_at, ends_at, arms with weights)
EXPERIMENTS = {
    "everyone": ("", "customer", "site", 0, 0.6, "2026-03-01", "2026-04-01", {"control": 0.2, "z": 0.5, "a": 0.3}),
    "rest": ("", "customer", "site", 0.6, 1, "2026-03-01", "2026-04-01", {"off": 0.5, "on": 0.5}),
    "companies": ("", "account", "sales", 0, 1, "2026-03-01", "2026-04-01", {"control": 0.5, "treatment": 0.5}),
    "pricing": ("pricing_page_visitors", "customer", "page", 0, 1, "2026-03-01", "2026-04-01", {"off": 0.5, "on": 0.5}),
    "brief": ("", "customer", "mail", 0, 1, "2026-03-06", "2026-03-09", {"control": 0.5, "treatment": 0.5}),
    "external": ("", "customer", "", "", "", "2026-03-01", "2026-04-01", {"control": 0.5, "treatment": 0.5}),
}
CONTROLS = {"control", "off"}
ATTRIBUTES = ("lifecycle_stage", "loyalty_tier", "country_code", "preferred_device")


def seeds():
    return seed(
        experiments=[
            dict(experiment_key=key, hypothesis="x", segment_id=segment, unit_type=unit_type,
                 assignment_source="external" if key == "external" else "hashed", layer_key=layer,
                 layer_from=low, layer_to=high, starts_at=start, ends_at=end, outcome_window_days=5,
                 covariate_window_days=7, primary_metric_key="order_count", planned_relative_lift=0.1, alpha=0.05, power=0.8)
            for key, (segment, unit_type, layer, low, high, start, end, _) in EXPERIMENTS.items()
        ],
        experiment_arms=[
            dict(experiment_key=key, arm_key=arm, is_control=str(arm in CONTROLS).lower(), weight=weight)
            for key, settings in EXPERIMENTS.items()
            for arm, weight in settings[-1].items()
        ],
        experiment_metrics=[dict(experiment_key=key, metric_key="order_count") for key in EXPERIMENTS],
        holdouts=[
            dict(holdout_key="global", share=HOLDOUT_SHARE, starts_at="2026-01-01"),
            dict(holdout_key="over", share=0.9, starts_at="2026-01-01", ends_at="2026-03-01"),
        ],
    )


def write_people(warehouse):
    """Users who come day by day, and pairs of devices of which a sign-in on 9 March shows that they are one person's:
    "same": both seen, and assigned, before the launch.
    "later": the second was seen after the launch: both are in the ledger, on different days.
    "turned": in `pricing` the younger device was assigned first, since the older came to that page after the launch.
    "young": in `pricing` only the younger device was assigned before the sign-in, and the older one's id survives.
    "late": the second was seen on 6 March, between two builds, and never was a customer of its own in one.
    """
    pairs = {
        # kind: (first device seen, second device seen; the first's visit of the pricing page, the second's)
        "same": ("2026-02-20", "2026-02-25", "2026-02-26", "2026-02-26"),
        "later": ("2026-02-20", "2026-03-03", "2026-02-26", "2026-03-04"),
        "turned": ("2026-02-20", "2026-02-25", "2026-03-04", "2026-02-26"),
        "young": ("2026-02-20", "2026-02-25", "2026-03-09 03:00:00", "2026-02-26"),
        "late": ("2026-02-20", "2026-03-06", "2026-02-26", "2026-03-07"),
    }
    visits = "union all".join(
        f"""
        select '{kind}-{device}-' || i as anonymous_id, null as user_id, timestamp '{at}' as occurred_at, '/{page}' as url
        from range({PAIRS}) as pair (i)
        """
        for kind, (first, second, first_priced, second_priced) in pairs.items()
        for device, at, page in [
            ("first", first, "home"), ("second", second, "home"),
            ("first", first_priced, "pricing"), ("second", second_priced, "pricing"),
            ("first", "2026-03-09 01:00:00", "sign-in"), ("second", "2026-03-09 02:00:00", "sign-in"),
        ]
    )
    warehouse.write_sql("web/events", f"""
        with visits as (
            {visits} union all
            -- 40 new users a day, some of whom see the pricing page, each with a visit at the day's last moment.
            select null, 'u' || i, timestamp '2026-02-10' + to_days((i // 40)::integer) - interval 1 microsecond,
                case when i % 5 = 0 then '/pricing' else '/home' end
            from range(1200) as people (i)
        )
        select 'e' || row_number() over (order by occurred_at, anonymous_id, user_id, url) as event_id, 'page_viewed' as event_name, occurred_at,
            null::timestamp as received_at, anonymous_id,
            case when url = '/sign-in' then replace(replace(anonymous_id, 'first', 'user'), 'second', 'user') else user_id end
                as user_id,
            url as page_url, null::text as referrer_url, null::text as search_query, null::text as product_id,
            null::text as content_id, null::text as campaign_id,
            case right(coalesce(user_id, anonymous_id), 1) when '1' then 'mobile' when '2' then 'desktop' end as device_type, null::bigint as quantity,
            null::double as value_amount, null::text as currency_code, null::text as properties
        from visits
    """)
    warehouse.write("crm/contacts", [
        {"contact_id": f"c{number}", "user_id": f"u{number}", "account_id": f"acc{number // 2}",
         "is_internal": number % 25 == 0, "country_code": ("DE", "FR", None)[number % 3],
         "created_at": datetime.datetime(2026, 2, 8) + datetime.timedelta(hours=number)}
        for number in range(600)
    ])
    warehouse.write("experiments/assignments", [
        {"experiment_key": "external", "identifier_value": f"u{number}", "arm_key": ("control", "treatment")[number % 2],
         "assigned_at": datetime.datetime(2026, 3, 1) + datetime.timedelta(hours=number)}
        for number in range(200)
    ])


class Ledger:
    """What stood in the ledger, and who was there, after each build."""

    def __init__(self, warehouse):
        self.warehouse = warehouse
        self.rows, self.customers, self.account, self.held_out, self.priced = {}, {}, {}, {}, {}
        self.attributes = {}

    def note(self, name):
        query = self.warehouse.query
        names = [row[0] for row in query("describe main.experiment_assignments")]
        rows = [dict(zip(names, row)) for row in query("select * from main.experiment_assignments")]
        self.rows[name] = {(row["experiment_key"], row["unit_id"]): row for row in rows}
        assert len(self.rows[name]) == len(rows), "a unit is in an experiment once"

    def note_people(self, name):
        query = self.warehouse.query
        profiles = "main_intermediate.int_customer_profiles"
        self.customers[name] = dict(query(f"select customer_id, is_targetable from {profiles}"))
        self.account[name] = dict(query(f"select customer_id, account_id from {profiles} where account_id is not null"))
        self.attributes[name] = {
            customer: tuple(value or "unknown" for value in values)
            for customer, *values in query(f"select customer_id, {', '.join(ATTRIBUTES)} from {profiles}")
        }
        self.priced[name] = {
            row[0] for row in query("select customer_id from main.segment_memberships where family = 'pricing_page_visitors'")
        }
        self.held_out[name] = set(query("select holdout_key, unit_type, unit_id, hash_fraction from main.holdout_members"))

    def people(self, name):
        """Customers who may be addressed and are held out neither in person nor with their account."""
        return {
            customer for customer, is_targetable in self.customers[name].items()
            if is_targetable and not any(
                unit and fraction("holdout:global", unit) < HOLDOUT_SHARE
                for unit in (customer, self.account[name].get(customer))
            )
        }


# Of later builds, what depends on the clock; the raw files stay.
ANEW = "int_as_of+,+experiment_assignments"


@pytest.fixture(scope="module")
def ledger(new_warehouse):
    warehouse = new_warehouse("ledger", seeds=seeds())
    write_people(warehouse)
    ledger = Ledger(warehouse)

    warehouse.build("+experiment_assignments", as_of=LAUNCH)
    ledger.note("launch")
    ledger.note_people("launch")
    warehouse.build("experiment_assignments", as_of=LAUNCH)
    ledger.note("launch again")

    warehouse.build(ANEW, as_of=SECOND)
    ledger.note("second")
    ledger.note_people("second")

    warehouse.build(ANEW, "+experiment_unit_outcomes", as_of=THIRD)
    ledger.note("third")
    ledger.note_people("third")
    ledger.current = dict(warehouse.query("select identifier_id, customer_id from main_intermediate.int_identity_map"))
    ledger.outcomes = collections.defaultdict(list)
    for key, unit, arm, at in warehouse.query(
        "select experiment_key, unit_id, arm_key, assigned_at from main.experiment_unit_outcomes"
    ):
        ledger.outcomes[key, unit].append((arm, at))

    warehouse.build("experiment_assignments", full_refresh=True, as_of=THIRD)
    ledger.note("full refresh")
    warehouse.build(ANEW, as_of=PAST)
    ledger.note("past")
    ledger.note_people("past")
    return ledger


# ---- What a build adds ------------------------------------------------------------------------------------------


def fraction(salt, unit):
    return int(hashlib.md5(f"{salt}-{unit}".encode()).hexdigest()[:8], 16) / 2**32


def arm_of(experiment, unit):
    """The arm of a unit, or None where the layer gives it to another experiment."""
    *_, layer, low, high, _, _, weights = EXPERIMENTS[experiment]
    if not low <= fraction(f"layer:{layer}", unit) < high:
        return None
    position, reached = fraction(f"arm:{experiment}", unit), 0
    arms = sorted(weights, key=lambda arm: (arm not in CONTROLS, arm))
    for arm in arms:
        reached += weights[arm]
        if position < reached:
            return arm
    return arms[-1]


def moment(day):
    return datetime.datetime.fromisoformat(day)


def dealt(ledger, name, day, experiments):
    """Rows that a first build on that day would write, worked out here: {(experiment, unit): arm}."""
    found = {}
    for experiment in experiments:
        segment, unit_type, *_ = EXPERIMENTS[experiment]
        units = ledger.people(name)
        if unit_type == "account":
            units = {ledger.account[name][one] for one in units if one in ledger.account[name]}
        elif segment:
            units &= ledger.priced[name]
        for unit in units:
            arm = arm_of(experiment, unit)
            if arm:
                found[experiment, unit] = arm
    return found


RUNNING = ["everyone", "rest", "companies", "pricing"]


def test_the_launch_deals_every_unit_by_its_hash(ledger):
    rows = {key: row for key, row in ledger.rows["launch"].items() if key[0] != "external"}
    assert {key: row["arm_key"] for key, row in rows.items()} == dealt(ledger, "launch", LAUNCH, RUNNING)
    for (experiment, unit), row in ledger.rows["launch"].items():
        if experiment != "external":
            assert row["hash_fraction"] == row["arm_fraction"] == fraction(f"arm:{experiment}", unit)
            assert row["assigned_at"] == moment(LAUNCH) and row["assignment_source"] == "hashed"
        assert row["is_control"] == (row["arm_key"] in CONTROLS)
        assert row["unit_type"] == EXPERIMENTS[experiment][1]
        # A segment stands in the row where the experiment names one.
        assert (row["segment_id"] or "").startswith(EXPERIMENTS[experiment][0])
        assert bool(row["segment_id"]) == bool(EXPERIMENTS[experiment][0])


@pytest.mark.parametrize(("name", "day"), [("launch", LAUNCH), ("second", SECOND), ("third", THIRD)])
def test_a_row_remembers_what_the_customer_was_like(ledger, name, day):
    """As of the day of the assignment, and of none but customers whom a build assigned."""
    seen = set()
    for (_, unit), row in ledger.rows[name].items():
        if row["assigned_at"] == moment(day) or row["assignment_source"] == "external":
            is_known = row["assignment_source"] == "hashed" and row["unit_type"] == "customer"
            remembered = tuple(row[attribute] for attribute in ATTRIBUTES)
            assert remembered == (ledger.attributes[name][unit] if is_known else (None,) * len(ATTRIBUTES)), unit
            seen.add(remembered)
    assert len(seen) > 2


def test_what_a_customer_became_later_changes_no_row(ledger):
    """The premise: some are of another lifecycle stage by the last build. Their rows are those of the launch all the same,
    through the later days, the full refresh and the past day."""
    changed = [
        key for key, row in ledger.rows["launch"].items()
        if row["lifecycle_stage"] and key[1] in ledger.attributes["third"]
        and ledger.attributes["third"][key[1]] != ledger.attributes["launch"][key[1]]
    ]
    assert len(changed) > 20
    for name in ("third", "full refresh", "past"):
        assert all(ledger.rows[name][key] == ledger.rows["launch"][key] for key in changed)


def test_shares_are_near_the_weights(ledger):
    for experiment in RUNNING:
        weights = EXPERIMENTS[experiment][-1]
        counts = collections.Counter(row["arm_key"] for key, row in ledger.rows["third"].items() if key[0] == experiment)
        total = sum(counts.values())
        assert total > 150
        test = stats.chisquare([counts[arm] for arm in weights], [weight * total for weight in weights.values()])
        assert test.pvalue > 0.001, (experiment, counts)


def test_a_layer_gives_each_unit_to_one_experiment(ledger):
    rows = ledger.rows["launch"]
    everyone = {unit for experiment, unit in rows if experiment == "everyone"}
    rest = {unit for experiment, unit in rows if experiment == "rest"}
    assert not everyone & rest
    # Together they take all: every customer who may be addressed and is not held out.
    assert everyone | rest == ledger.people("launch")


def test_staff_are_not_dealt(ledger):
    staff = {customer for customer, is_targetable in ledger.customers["launch"].items() if not is_targetable}
    assert staff
    assert not [key for key in ledger.rows["launch"] if key[1] in staff and key[0] != "external"]


@pytest.mark.parametrize("name", ["launch", "second", "third", "past"])
def test_holdouts_are_drawn_by_hash_and_never_dealt(ledger, name):
    units = {("customer", customer) for customer in ledger.customers[name]}
    members = {(kind, unit) for _, kind, unit, _ in ledger.held_out[name]}
    assert {one for one in members if one[0] == "customer"} == {
        one for one in units if fraction("holdout:global", one[1]) < HOLDOUT_SHARE
    }
    assert all(value == fraction(f"holdout:{key}", unit) for key, _, unit, value in ledger.held_out[name])
    assert {kind for kind, _ in members} == {"customer", "account"}
    dealt = {(row["unit_type"], row["unit_id"]) for row in ledger.rows[name].values() if row["assignment_source"] == "hashed"}
    assert not members & dealt
    # The customers of an account that is held out are too; who came into it later is in already.
    held_out = {unit for kind, unit in members if kind == "account"}
    with_account = {customer for customer, account in ledger.account[name].items() if account in held_out}
    day = moment({"launch": LAUNCH, "second": SECOND, "third": THIRD, "past": PAST}[name])
    dealt_now = {row["unit_id"] for row in ledger.rows[name].values() if row["hash_fraction"] and row["assigned_at"] == day}
    assert with_account and not with_account & dealt_now


def test_the_same_day_again_adds_nothing(ledger):
    assert ledger.rows["launch again"] == ledger.rows["launch"]


@pytest.mark.parametrize(("name", "before", "day"), [("second", "launch again", SECOND), ("third", "second", THIRD)])
def test_a_later_day_adds_new_units_and_changes_no_row(ledger, name, before, day):
    old, new = ledger.rows[before], ledger.rows[name]
    assert {key: new.get(key) for key in old} == old
    added = {key: row["arm_key"] for key, row in new.items() if key not in old and key[0] != "external"}
    assert added and {new[key]["assigned_at"] for key in added} == {moment(day)}
    # Added are those who would be dealt in and of whom no identifier is in the experiment already.
    known = {(experiment, ledger_unit(ledger, name, unit)) for experiment, unit in old}
    assert added == {key: arm for key, arm in dealt(ledger, name, day, RUNNING).items() if key not in known}


def ledger_unit(ledger, name, unit):
    """A unit of the ledger as it is called on the day of a build; only the third build sees merges."""
    return ledger.merged.get(unit, unit) if name == "third" else unit


@pytest.fixture(scope="module", autouse=True)
def merged(ledger):
    """{customer_id of a device alone: customer_id after the merge}"""
    ledger.merged = {
        "c_" + hashlib.md5(identifier.encode()).hexdigest(): customer for identifier, customer in ledger.current.items()
    }


def test_external_rows_come_when_they_were_said(ledger):
    for name, day in [("launch", LAUNCH), ("second", SECOND), ("third", THIRD)]:
        rows = [row for key, row in ledger.rows[name].items() if key[0] == "external"]
        said = [at for at in (moment("2026-03-01") + datetime.timedelta(hours=n) for n in range(200)) if at < moment(day)]
        assert sorted(row["assigned_at"] for row in rows) == said
        assert {row["hash_fraction"] for row in rows} == {None}


def test_a_full_refresh_keeps_the_ledger(ledger):
    assert ledger.rows["full refresh"] == ledger.rows["third"]


def test_a_past_day_adds_nobody_to_what_has_gone_on_since(ledger):
    old, new = ledger.rows["full refresh"], ledger.rows["past"]
    assert {key: new.get(key) for key in old} == old
    added = {key for key in new if key not in old}
    assert {experiment for experiment, _ in added} == {"brief"}
    # The premise: on that day some stood there whom the ledger does not know by that name.
    strangers = dealt(ledger, "past", PAST, ["everyone"]).keys() - old.keys()
    assert strangers
    # An experiment that no build had seen running is dealt as on its day.
    assert {key: new[key]["arm_key"] for key in added} == dealt(ledger, "past", PAST, ["brief"])
    assert {new[key]["assigned_at"] for key in added} == {moment(PAST)}


# ---- People who merge -------------------------------------------------------------------------------------------


def devices(ledger, kind, number):
    """The customer ids that a pair's two devices had before the sign-in."""
    return [
        "c_" + hashlib.md5(f"anonymous_id:{kind}-{device}-{number}".encode()).hexdigest() for device in ("first", "second")
    ]


@pytest.mark.parametrize("experiment", ["everyone", "rest", "pricing"])
@pytest.mark.parametrize("kind", ["same", "later", "turned", "young", "late"])
def test_a_merged_person_counts_once_in_the_arm_given_first(ledger, kind, experiment):
    rows, apart, both_dealt = ledger.rows["third"], 0, 0
    for number in range(PAIRS):
        first, second = devices(ledger, kind, number)
        assert ledger.merged[first] == ledger.merged[second] == first, "the older id survives"
        assigned = [rows[experiment, unit] for unit in (first, second) if (experiment, unit) in rows]
        if kind == "late" and (experiment, second) in rows:
            pytest.fail("a device that was never a customer of its own in a build is in the ledger")
        # The ledger's rows stay as they were written.
        for row in assigned:
            before = ledger.rows["second"].get((experiment, row["unit_id"]), row)
            assert row == before
        outcomes = ledger.outcomes[experiment, first] + ledger.outcomes[experiment, second]
        assert len(outcomes) == bool(assigned), "one row for one person"
        if assigned:
            earliest = min(assigned, key=lambda row: (row["assigned_at"], row["unit_id"]))
            assert outcomes == [(earliest["arm_key"], earliest["assigned_at"])]
            assert not ledger.outcomes[experiment, second], "under the id of today"
        both_dealt += len(assigned) == 2
        apart += len({row["arm_key"] for row in assigned}) == 2
    if kind in ("same", "later", "turned") or (kind, experiment) == ("young", "everyone"):
        assert both_dealt > 10 and apart > 5, "the premise: pairs in two arms do occur"


def test_who_was_given_an_arm_first_was_not_always_seen_first(ledger):
    """In `pricing` the younger device of a "turned" pair came first: its arm holds, under the older one's id."""
    rows, turned = ledger.rows["third"], 0
    for number in range(PAIRS):
        first, second = (rows.get(("pricing", unit)) for unit in devices(ledger, "turned", number))
        if first and second:
            assert (second["assigned_at"], first["assigned_at"]) == (moment(LAUNCH), moment(SECOND))
            turned += first["arm_key"] != second["arm_key"]
            assert ledger.outcomes["pricing", first["unit_id"]] == [(second["arm_key"], moment(LAUNCH))]
    assert turned > 10


def test_a_survivor_is_not_dealt_again_for_a_former_self(ledger):
    """A "young" pair is in `pricing` by the younger device alone: the older id, under which it goes on, is new to the
    experiment by name only."""
    rows, known = ledger.rows["third"], 0
    for number in range(PAIRS):
        first, second = devices(ledger, "young", number)
        if ("pricing", second) in rows:
            known += first in ledger.priced["third"] and arm_of("pricing", first) is not None
            assert ("pricing", first) not in rows
            assert ledger.outcomes["pricing", first] == [(rows["pricing", second]["arm_key"], moment(LAUNCH))]
    assert known > 10
