"""Probable identity: what is matched, what never leaves memory, and that nothing but the person changes."""

import datetime
import hashlib
import importlib.util
import json
import random
import shutil
import sys

import duckdb
import pytest
from test_replay import differences, seeds
from warehouse import Warehouse

from tools import dbt_in_process
from tools.demo.generate import Request, generate
from tools.project import ROOT

DAY = datetime.datetime(2026, 3, 1, 12)
ON = {"probabilistic_matching": True, "as_of": "2026-04-01"}
AS_OF = datetime.datetime(2026, 4, 1)

spec = importlib.util.spec_from_file_location("matches", ROOT / "models/staging/crm/base_crm__contact_matches.py")
matches = importlib.util.module_from_spec(spec)
spec.loader.exec_module(matches)


class NoPandas:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "pandas":
            raise ModuleNotFoundError(name)


@pytest.fixture(scope="module", autouse=True)
def without_pandas():
    """Who has only what `make matching` installs has no pandas; `make test` has it, for other tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in sys.modules if name.partition(".")[0] == "pandas"]:
            patch.delitem(sys.modules, name)
        patch.setattr(sys, "meta_path", [NoPandas, *sys.meta_path])
        yield


COLUMNS = ["contact_id", "first_name", "last_name", "email", "phone", "email_hash", "phone_hash", "postal_code"]


def table(rows):
    """Contacts as find_matches takes them: hashes are made of what stands in the clear unless they are given."""
    def hashed(value):
        return None if value is None else value if len(value) == 64 else sha256(value)

    with duckdb.connect() as connection:
        connection.execute(f"create table contacts ({', '.join(f'{column} varchar' for column in COLUMNS)})")
        for row in rows:
            row = {"email_hash": hashed(row.get("email")), "phone_hash": hashed(row.get("phone"))} | row
            connection.execute(
                f"insert into contacts values ({', '.join('?' * len(COLUMNS))})", [row.get(name) for name in COLUMNS]
            )
        return connection.sql("from contacts").to_arrow_table()


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def found(rows, prior=0.0):
    """{(left, right): probability}"""
    pairs, notices = matches.find_matches(table(rows), prior)
    return {(row["left_contact_id"], row["right_contact_id"]): row["match_probability"] for row in pairs.to_pylist()}


SYLLABLES = ["an", "bel", "cor", "da", "el", "fri", "gan", "hol", "is", "jo", "ka", "lin", "mor", "na", "os", "per"]


def strangers(count, seed=1):
    """People who have nothing in common but the language of their names."""
    chance = random.Random(seed)

    def word(length):
        return "".join(chance.choice(SYLLABLES) for _ in range(length))

    return [
        {
            "contact_id": f"s{number:05}", "first_name": word(2), "last_name": word(3),
            "email": f"{word(3)}{number}@mail.example", "phone": f"+1555{chance.randrange(10**7):07}",
            "postal_code": f"{chance.randrange(10**5):05}",
        }
        for number in range(count)
    ]


ANNA = {
    "contact_id": "a1", "first_name": "annelise", "last_name": "bergstrøm", "email": "annelise.berg@mail.example",
    "phone": "+4915112345678", "postal_code": "10115",
}
BEN = {
    "contact_id": "b1", "first_name": "ben", "last_name": "carver", "email": "ben.c@mail.example",
    "phone": "+4915187654321", "postal_code": "80331",
}


@pytest.mark.parametrize("crowd", [0, 600], ids=["few", "enough to estimate from"])
def test_a_second_contact_of_a_person_is_found(crowd):
    """The name is mistyped, the address is another one, and the number lacks its country code."""
    again = {**ANNA, "contact_id": "a2", "first_name": "anelise", "email": "offline@form.example",
             "phone": "0151 12345678", "phone_hash": None}
    probable = found([ANNA, again, BEN, *strangers(crowd)])
    assert list(probable) == [("a1", "a2")]
    assert probable["a1", "a2"] > 0.95


@pytest.mark.parametrize("crowd", [0, 600], ids=["few", "enough to estimate from"])
@pytest.mark.parametrize("other", [
    {"first_name": "annelise", "last_name": "bergstrøm"},
    {"first_name": "karl", "last_name": "bergstrøm", "postal_code": "10115"},
    {"postal_code": "10115"},
], ids=["namesake", "of the same house", "neighbour"])  # fmt: skip
def test_another_person_is_not(crowd, other):
    stranger = {**BEN, "contact_id": "a2", **other}
    probable = found([ANNA, stranger, *strangers(crowd)])
    assert probable.get(("a1", "a2"), 0) < 0.95


def test_what_came_hashed_is_compared_by_equality():
    hashed = {name: sha256(ANNA[name]) for name in ("first_name", "last_name", "email", "phone")}
    one = {**ANNA, **hashed}
    same = {**one, "contact_id": "a2", "email": sha256("another@mail.example")}
    # One letter apart in the clear, and nothing in common as hashes.
    near = {**one, "contact_id": "a3", "last_name": sha256("bergstrom"), "email": sha256("x"), "phone": sha256("y")}
    # In the clear: its names and those hashes say nothing about each other, its address and phone are the same.
    clear = {**ANNA, "contact_id": "a4"}
    probable = found([one, same, near, clear])
    assert probable["a1", "a2"] > 0.95
    assert ("a1", "a3") not in probable
    assert probable["a1", "a4"] > 0.95


def test_names_of_any_script_are_read():
    people = [
        {"contact_id": "k1", "first_name": "josé", "last_name": "núñez-pérez", "postal_code": "28001"},
        {"contact_id": "k2", "first_name": "jose", "last_name": "nunez perez", "postal_code": "28001"},
        {"contact_id": "k3", "first_name": "伟", "last_name": "王", "postal_code": "100-000"},
        {"contact_id": "k4", "first_name": "伟", "last_name": "王", "postal_code": "100000"},
        {"contact_id": "k5", "first_name": "伟", "last_name": "玉", "postal_code": "100000"},
        {"contact_id": "k6", "first_name": "weiß", "last_name": "groß", "postal_code": "1010"},
        {"contact_id": "k7", "first_name": "weiss", "last_name": "gross", "postal_code": "1010"},
        # Names in the order of another country.
        {"contact_id": "k8", "first_name": "haruki", "last_name": "nakamura", "postal_code": "150-0001"},
        {"contact_id": "k9", "first_name": "nakamura", "last_name": "haruki", "postal_code": "150 0001"},
    ]
    # 王 and 玉 are similar in bytes, which is not to be similar.
    assert found(people).keys() == {("k1", "k2"), ("k3", "k4"), ("k6", "k7"), ("k8", "k9")}


@pytest.mark.parametrize("rows", [
    [], [ANNA], [ANNA, BEN], strangers(10),
    [{"contact_id": f"n{number}"} for number in range(10)],
    [{"contact_id": f"n{number:04}"} for number in range(700)],
    [{"contact_id": f"n{number:04}", "email": f"{number}@mail.example"} for number in range(700)],
], ids=["none", "one", "two", "ten", "ten of which nothing is known", "many of which nothing is known", "only e-mail"])
def test_next_to_nothing_gives_nothing(rows):  # fmt: skip
    assert found(rows) == {}


def test_a_value_that_everybody_has_brings_up_no_pairs():
    """Without a limit 3,000 contacts of one switchboard would be 4.5 million pairs."""
    crowd = [{**row, "phone": "+4930123456", "email": "info@office.example"} for row in strangers(3000)]
    with duckdb.connect() as memory:
        matches.prepare(memory, table([*crowd, ANNA, {**ANNA, "contact_id": "a2"}]))
        keys = ("email_key", "mailbox_key", "phone_key", "phone_end_key", "names_in_any_order_key")
        counts = ", ".join(f"count({key})" for key in keys)
        assert memory.execute(f"select {counts} from prepared where contact_id like 's%'").fetchall() == [
            (0, 0, 0, 0, 3000)
        ]
        assert memory.execute(f"select {counts} from prepared where contact_id like 'a%'").fetchall() == [(2,) * 5]
    # That all share it does not make any two of them one person.
    assert all(probability < 0.95 for probability in found(crowd).values())


def test_too_few_to_estimate_from_is_said():
    _, notices = matches.find_matches(table(strangers(10)))
    assert len(notices) == 1 and notices[0].startswith("10 contacts are too few")
    _, notices = matches.find_matches(table(strangers(600)))
    assert notices == []


def test_a_lower_prior_takes_weight_away():
    again = {**ANNA, "contact_id": "a2", "email": None, "phone": None}
    likely, unlikely = (matches.find_matches(table([ANNA, again]), prior)[0].to_pylist()[0] for prior in (0.5, 0.001))
    # log2(0.5 / 0.5) - log2(0.001 / 0.999)
    assert likely["match_weight"] - unlikely["match_weight"] == pytest.approx(9.9643, abs=1e-3)
    for pair in (likely, unlikely):
        odds = 2 ** pair["match_weight"]
        assert pair["match_probability"] == pytest.approx(odds / (1 + odds), abs=1e-5)


def test_the_same_contacts_give_the_same_rows_in_any_order():
    """With more contacts than the draw takes, so that the seed counts."""
    rows = strangers(2000)
    rows += [{**row, "contact_id": row["contact_id"] + "-2", "email": None, "last_name": row["last_name"][1:]}
             for row in rows[:300]]
    once, _ = matches.find_matches(table(rows))
    random.Random(2).shuffle(rows)
    again, _ = matches.find_matches(table(rows))
    assert once.num_rows > 200
    assert once.equals(again)


# ---- Through dbt ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def switched_on(parsed, tmp_path_factory):
    """(environment, manifest) of the project with matching, parsed once."""
    folder = tmp_path_factory.mktemp("switched_on")
    shutil.copy(ROOT / "profiles.yml.example", folder / "profiles.yml")
    environment = parsed[0] | {"DBT_PROFILES_DIR": str(folder), "DBT_TARGET_PATH": str(folder / "target")}
    return environment, dbt_in_process.parse(environment, **ON)


@pytest.fixture(scope="module")
def matching_warehouse(switched_on, tmp_path_factory):
    """Makes a Warehouse that matches, on raw files of its own."""
    environment, manifest = switched_on

    def make(name="matching", **settings):
        return Warehouse(tmp_path_factory.mktemp(name), manifest, environment, **settings)

    return make


SECRETS = ["anneliese", "bergstromsky", "anneliese.b", "offline.form", "5112345678"]


def write_people(warehouse):
    """A person entered twice, under an id that is an address and one with spaces; twice more by one phone; a stranger
    who is the same in all but is created at as_of."""
    anna = {
        "contact_id": " Anna@crm.example ", "user_id": "anna", "first_name": "Anneliese", "last_name": "Bergstromsky",
        "email": "anneliese.b@mail.example", "phone": "+4915112345678", "postal_code": "10115", "created_at": DAY,
    }
    again = {**anna, "contact_id": " k2 ", "user_id": None, "first_name": "Aneliese", "email": "offline.form@x.example",
             "phone": "0151 12345678", "created_at": DAY + datetime.timedelta(hours=1)}
    warehouse.write("crm/contacts", [
        anna, again,
        {**anna, "contact_id": "k3", "user_id": None, "email": None, "created_at": DAY + datetime.timedelta(hours=2)},
        {**again, "contact_id": "k4", "phone": None, "created_at": AS_OF},
        {**again, "contact_id": "k5", "first_name": None, "last_name": None, "email": None, "phone": None},
        # Refused, and so not there.
        {**again, "contact_id": "k6", "created_at": datetime.datetime(1970, 1, 1)},
    ])


@pytest.fixture(scope="module")
def people(matching_warehouse):
    warehouse = matching_warehouse("people")
    write_people(warehouse)
    said = []
    result = warehouse.dbt(
        "build", "--select", "+customer_identifiers", "--vars", json.dumps(ON),
        callbacks=[lambda event: said.append(event.info.msg)],
    )  # fmt: skip
    assert result.success, warehouse.problems(result)
    warehouse.said = said
    return warehouse


def test_a_link_leads_to_one_person_of_two_customers(people):
    # anna and k3 share a phone; k2 has nothing of theirs.
    rows = people.query("""
        select identifier_value, customer_id, person_id, match_type, confidence from main.customer_identifiers
        where identifier_type = 'contact_id' order by first_seen_at, identifier_value
    """)
    anna, again = sha256("anna@crm.example"), "k2"
    customers = {row[0]: row[1] for row in rows}
    assert customers.keys() == {anna, again, "k3", "k5"}
    assert customers[anna] == customers["k3"] != customers[again]
    found = {row[0]: row[2:] for row in rows}
    assert found[anna] == found["k3"] == (customers[anna], "deterministic", 1)
    assert found[again][:2] == (customers[anna], "probabilistic") and 0.95 <= found[again][2] <= 1
    assert found["k5"] == (customers["k5"], "deterministic", 1)


def test_contacts_of_later_are_not_known(people):
    """Nor do they take part in what is estimated: the file as it was on the day gives the same."""
    ids = people.column("select left_contact_id from main_staging.stg_crm__contact_matches")
    ids += people.column("select right_contact_id from main_staging.stg_crm__contact_matches")
    assert ids and "k4" not in ids


def test_nothing_in_the_clear_is_left_behind(people):
    tables = people.query("""
        select table_schema, table_name from information_schema.tables where table_schema not like 'raw%'
    """)
    assert ("main_staging", "base_crm__contact_matches") in tables
    with duckdb.connect(str(people.database), read_only=True) as connection:
        text = " ".join(
            str(connection.execute(f'select * from "{schema}"."{name}"').fetchall()).lower() for schema, name in tables
        )
    text += people.database.read_bytes().decode("latin-1").lower() + " ".join(people.said).lower()
    assert "contact_matches" in text and "few to estimate" in text, "the test's own premise"
    assert [secret for secret in SECRETS if secret in text] == []


def failure(warehouse):
    said = []
    result = warehouse.dbt(
        "build", "--select", "+stg_crm__contact_matches", "--vars", json.dumps(ON),
        callbacks=[lambda event: said.append(event.info.msg)],
    )  # fmt: skip
    assert not result.success
    return " ".join(said) + warehouse.problems(result)


def test_whoever_is_probably_the_same_person_is_erased_too(matching_warehouse):
    """The request names anna's user; her second contact shares nothing with it and goes as well, the stranger stays."""
    warehouse = matching_warehouse("erasure")
    write_people(warehouse)
    warehouse.write("privacy/erasure_requests", [
        {"request_id": "r1", "identifier_type": "user_id", "identifier_value": "anna", "requested_at": DAY + datetime.timedelta(days=9)},
    ])
    warehouse.build("+customer_identifiers", "+stg_privacy__erasure_requests", **ON)
    left = warehouse.column("select identifier_value from main.customer_identifiers where identifier_type = 'contact_id'")
    assert left == ["k5"]
    for table in ("base_crm__contact_matches", "base_crm__contacts"):
        assert not warehouse.query(f"""
            select 1 from main_staging.{table} as row_of_table
            where contains(cast(row_of_table as varchar), 'k2') or contains(cast(row_of_table as varchar), 'k3')
        """)
    # Four contacts, the refused one included, but not the one of later; a user, two addresses and a telephone number.
    outcome = "select outcome, identifier_count, probable_identifier_count > 0 from main_staging.stg_privacy__erasure_requests"
    assert warehouse.query(outcome) == [("erased", 8, True)]
    said = warehouse.dbt("test", "--select", "assert_erasure_requests_are_met", "--vars", json.dumps(ON))
    assert said.success


def test_erasure_asks_for_more_than_suppression(matching_warehouse):
    """Who has no more than the name and the postal code of the erased person is linked (0.994), but not surely enough
    to be taken out."""
    warehouse = matching_warehouse("strict_erasure")
    anna = {"contact_id": "k1", "user_id": "anna", "first_name": "Anneliese", "last_name": "Bergstromsky",
            "email": "anneliese.b@mail.example", "phone": None, "postal_code": "10115", "created_at": DAY}
    warehouse.write("crm/contacts", [anna, {**anna, "contact_id": "k2", "user_id": None, "email": "offline.form@x.example"}])
    warehouse.write("privacy/erasure_requests", [
        {"request_id": "r1", "identifier_type": "user_id", "identifier_value": "anna", "requested_at": DAY + datetime.timedelta(days=9)},
    ])
    warehouse.build("+stg_privacy__erasure_requests", "+stg_crm__contacts", **ON | {"erasure_match_probability": 0.999})
    outcome = "select outcome, identifier_count, probable_identifier_count from main_staging.stg_privacy__erasure_requests"
    # The user, the contact and the address.
    assert warehouse.query(outcome) == [("erased", 3, 0)]
    assert warehouse.column("select contact_id from main_staging.stg_crm__contacts") == ["k2"]


def test_without_splink_one_line_says_what_to_do(matching_warehouse, monkeypatch):
    warehouse = matching_warehouse("without_splink")
    write_people(warehouse)
    monkeypatch.setitem(sys.modules, "splink", None)
    said = failure(warehouse)
    assert "Splink is not installed beside dbt. `make matching` installs it" in said
    assert "Traceback" not in said


def test_what_went_wrong_does_not_quote_a_contact(matching_warehouse):
    warehouse = matching_warehouse("goes_wrong")
    write_people(warehouse)
    node = warehouse.manifest.nodes["model.tessera.base_crm__contact_matches"]
    quiet = 'logging.getLogger("splink").setLevel(logging.CRITICAL)'
    broken = node.raw_code.replace(quiet, "raise ValueError(contacts.to_pylist())")
    assert broken != node.raw_code, "the test's own premise"
    node.raw_code = broken
    said = failure(warehouse)
    assert "failed with ValueError in find_matches, line " in said
    assert [secret for secret in SECRETS if secret in said.lower()] == []


# ---- On a whole demo --------------------------------------------------------------------------------------------

# What is decided and measured, and what it is made of: matching must not move a row of it. Attribution asks for consent,
# which the whole person withdraws, so what is made of it may move.
UNMOVED = (
    "intermediate/identity/int_identity_map", "intermediate/activity", "intermediate/features/int_customer_features",
    "marts/segments", "marts/experiments", "marts/measurement", "marts/performance/experiment_economics",
    "marts/performance/int_experiment_", "marts/performance/unassigned_spend", "marts/performance/segment_funnels",
    "marts/performance/segment_cohorts", "marts/performance/exclusion_savings",
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Raw files of a small demo in which one named contact in ten comes back from a form on paper: without a user,
    under another address, with the number as people dial it or none, and every other name mistyped."""
    raw = tmp_path_factory.mktemp("demo") / "raw"
    generate(Request(raw=raw, customers=1000, seed=3))
    with duckdb.connect() as connection:
        connection.execute(f"""
            copy (
                select
                    * exclude (number) replace (
                        'paper-' || contact_id as contact_id,
                        null as user_id,
                        null as account_id,
                        'paper' || number || '@form.example' as email,
                        case when number % 2 = 0 and phone like '+%' then '0' || right(phone, 10) end as phone,
                        case
                            when number % 4 = 1 then left(first_name, 2) || substr(first_name, 4)
                            else upper(first_name)
                        end as first_name,
                        case when number % 4 = 3 then last_name || 's' else last_name end as last_name,
                        timestamp '2026-03-20' as created_at,
                        null as updated_at
                    )
                from (
                    select *, row_number() over (order by contact_id) as number
                    from read_parquet('{raw}/crm/contacts/*.parquet', union_by_name = true)
                    where
                        first_name is not null and last_name is not null and postal_code is not null
                        and contact_id not like '%-2' and created_at < '2026-03-20' and created_at > '2001-01-01'
                )
                where number % 10 < 4
            ) to '{raw}/crm/contacts/paper.parquet' (format parquet)
        """)
    return raw


@pytest.fixture(scope="module")
def off_and_on(new_warehouse, matching_warehouse, demo):
    selection = ["+path:models/marts/measurement", "+path:models/marts/performance", "+path:models/marts/segments",
                 "+customer_identifiers"]
    off = new_warehouse("off", raw=demo, seeds=seeds())
    off.build(*selection, as_of=ON["as_of"])
    on = matching_warehouse("on", raw=demo, seeds=seeds())
    on.build(*selection, **ON)
    return off, on


def test_measurement_and_segments_do_not_move(off_and_on):
    off, on = off_and_on
    unmoved = {
        f"{node.schema}.{node.alias}"
        for node in off.manifest.nodes.values()
        if node.resource_type == "model" and node.path.startswith(UNMOVED)
    }
    built = {f"{schema}.{name}" for schema, name in off.query(
        "select table_schema, table_name from information_schema.tables"
    )}
    for name in ("experiment_unit_outcomes", "experiment_results", "segment_memberships", "experiment_assignments"):
        assert f"main.{name}" in built & unmoved
        assert off.query(f"select 1 from main.{name}"), "the test's own premise"
    lines, compared = differences(off.database, on.database, built - unmoved)
    assert [line for line in lines if not line.startswith("tables:")] == []
    assert compared > 10_000
    assert on.query("select 1 from main.customer_identifiers where match_type = 'probabilistic'")
    assert not off.query("select 1 from main.customer_identifiers where match_type = 'probabilistic' or confidence < 1")


def test_the_person_is_found_in_a_demo(off_and_on):
    """Of the contacts that came back, and of everybody else nobody."""
    _, on = off_and_on
    links = "main_intermediate.int_identity_probable_links"
    linked = set(on.query(f"select left_contact_id, right_contact_id from {links}"))
    came_back = on.column("select contact_id from main_staging.stg_crm__contacts where contact_id like 'paper-%'")
    truth = {tuple(sorted((name, name.removeprefix("paper-")))) for name in came_back}
    assert len(truth) > 100
    linked = {tuple(sorted(pair)) for pair in linked}
    precision, recall = len(linked & truth) / len(linked), len(linked & truth) / len(truth)
    print(f"precision {precision:.4f}, recall {recall:.4f} of {len(truth)} pairs")
    assert precision >= 0.98 and recall >= 0.9, (precision, recall, linked - truth, truth - linked)
