"""Who may be addressed: consent over identifiers, merges, twins and shared addresses, and every suppression, to the second.

One set of raw files with a person for each case, named for it. Who is in which audience was worked out by hand.
"""

import datetime
import hashlib

import duckdb
import pytest
from warehouse import seed

AS_OF = "2026-04-01"
NOW = datetime.datetime(2026, 4, 1)
SECOND = datetime.timedelta(seconds=1)
DAY = datetime.timedelta(days=1)
LONG_AGO, LATER = NOW - 60 * DAY, NOW - 50 * DAY
MAIL, ADS = "email_marketing", "ad_personalisation"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def seeds():
    """Two destinations that take an audience of one; mail goes out twice in seven days at most. No experiments."""
    return seed(
        destinations=[
            dict(destination_key="mail", platform="generic", purpose="x", required_consent=MAIL, min_audience_size=1,
                 campaign_platform="email", frequency_cap=2, frequency_window_days=7),
            dict(destination_key="ads", platform="meta", purpose="x", required_consent=ADS, min_audience_size=1,
                 campaign_platform="meta"),
        ],
        segment_destinations=[
            dict(segment_id=pattern, destination_key=destination)
            for pattern in ("pricing_page_visitors@7d", "cart_abandoners/%", "lapsing_customers%") for destination in ("mail", "ads")
        ],
        experiments=[], experiment_arms=[], experiment_metrics=[], holdouts=[],
    )


class World:
    """Raw files that grow by people: each has a user, a contact with an address, and looked at prices three days ago."""

    def __init__(self, warehouse):
        self.warehouse = warehouse
        self.rows = {table: [] for table in (
            "web/events", "crm/contacts", "crm/consents", "shop/orders", "shop/products", "ads/campaigns", "ads/touches",
            "enrichment/attributes", "privacy/erasure_requests",
        )}

    def add(self, table, **columns):
        self.rows[table].append(columns)

    def visit(self, at=NOW - 3 * DAY, **columns):
        number = len(self.rows["web/events"])
        self.add("web/events", event_id=f"e{number}", occurred_at=at,
                 **{"event_name": "page_viewed", "page_url": "/pricing", "user_id": None} | columns)

    def person(self, name, **contact):
        self.visit(user_id=name)
        self.add("crm/contacts", contact_id=f"c-{name}", created_at=LONG_AGO,
                 **{"user_id": name, "email": f"{name}@mail.example"} | contact)

    def decision(self, name, status, at, purpose=MAIL, **identifier):
        """Recorded on the person's user, or on the identifier that is given."""
        kind, value = next(iter(identifier.items()), ("user_id", name))
        self.add("crm/consents", consent_id=f"d{len(self.rows['crm/consents'])}", identifier_type=kind,
                 identifier_value=value, purpose=purpose, status=status, recorded_at=at)

    def granted(self, name, at=LONG_AGO, purpose=MAIL, **identifier):
        self.decision(name, "granted", at, purpose, **identifier)

    def withdrawn(self, name, at=LATER, purpose=MAIL, **identifier):
        self.decision(name, "withdrawn", at, purpose, **identifier)

    def touched(self, name, *moments, campaign="letter", kind="send"):
        for at in moments:
            self.add("ads/touches", touch_id=f"t{len(self.rows['ads/touches'])}", campaign_id=campaign,
                     identifier_value=name, touch_type=kind, touched_at=at)

    def filled_cart(self, name):
        self.visit(event_name="product_added", user_id=name, product_id="boots", quantity=1, at=NOW - DAY / 2)

    def ordered(self, name, at):
        self.add("shop/orders", order_id=f"o{len(self.rows['shop/orders'])}", user_id=name, ordered_at=at)

    def attribute(self, name, value, **columns):
        self.add("enrichment/attributes", provider="p", attribute_name="income", attribute_value=value,
                 **{"identifier_value": name, "observed_at": LONG_AGO, "legal_basis": "consent"} | columns)

    def write(self):
        for table, rows in self.rows.items():
            self.warehouse.write(table, rows)


# Who is one person with whom, by likeness and not by any identifier.
TWINS = [("withdrew_as_twin", "twin_who_withdrew"), ("regranted", "twin_of_regranted"), ("alike", "twin_of_alike"),
         ("beside_staff", "staff"), ("beside_bot", "bot"), ("half_capped", "other_half"), ("beside_buyer", "buyer")]  # fmt: skip


def write_world(warehouse):
    world = World(warehouse)
    person, granted, withdrawn, touched = world.person, world.granted, world.withdrawn, world.touched

    # ---- Decisions of one customer
    for name in ("plain", "silent", "by_device", "again", "same_moment", "not_yet", "not_withdrawn_yet", "ads_only",
                 "unknown_purpose", "in_future", "erased"):  # fmt: skip
        person(name)
    granted("plain", email=" Plain@Mail.Example")
    granted("by_device")
    world.visit(user_id="by_device", anonymous_id="device", at=LATER)
    withdrawn("by_device", anonymous_id="device")
    withdrawn("again")
    granted("again", at=LATER + SECOND)
    granted("same_moment", at=LATER)
    withdrawn("same_moment", contact_id="c-same_moment")
    granted("not_yet", at=NOW)
    granted("not_withdrawn_yet")
    withdrawn("not_withdrawn_yet", at=NOW)
    granted("ads_only", purpose=ADS)
    granted("unknown_purpose", purpose="marketing")
    granted("in_future", at=datetime.datetime(2099, 1, 1))
    granted("erased")
    world.add("privacy/erasure_requests", request_id="r", identifier_value="erased", requested_at=LATER)

    # ---- Two customers until one e-mail address shows that they are one: what either withdrew holds.
    person("merged")
    granted("merged")
    world.add("crm/contacts", contact_id="c-second", user_id=None, email="merged@mail.example", created_at=NOW - 5 * DAY)
    withdrawn("merged", contact_id="c-second")

    # ---- Twins
    for name in ("withdrew_as_twin", "twin_who_withdrew", "regranted", "twin_of_regranted", "alike"):
        person(name)
    person("twin_of_alike", email="other@mail.example", phone="+493012345678")
    granted("withdrew_as_twin")
    withdrawn("twin_who_withdrew")
    withdrawn("twin_of_regranted")
    granted("regranted", at=LATER + SECOND)
    granted("alike")

    # ---- An info@ address of four people, who are reached by phone; and a tablet of two.
    for number, name in enumerate(("office_before", "office_after", "office_silent", "office_fourth")):
        person(name, email="info@office.example", phone=f"+49301234560{number}")
    granted("office_before")
    withdrawn("office", email="info@office.example")
    granted("office_after", at=LATER + SECOND)
    granted("office", at=LATER + DAY, purpose=ADS, email="info@office.example")
    # The address is a customer of its own, who ordered as a guest: even for it the grant counts nothing.
    world.add("shop/orders", order_id="guest", user_id=None, email="info@office.example", ordered_at=NOW - 40 * DAY)
    for name in ("tablet_mail", "tablet_ads"):
        person(name)
        world.visit(user_id=name, anonymous_id="tablet", at=LONG_AGO)
        granted(name)
        granted(name, purpose=ADS)
    withdrawn("tablet", purpose=ADS, anonymous_id="tablet")
    granted("tablet_ads", at=LATER + SECOND, purpose=ADS)

    # ---- Suppressions
    for name in ("staff", "beside_staff", "bot", "beside_bot"):
        person(name, is_internal=name == "staff")
        granted(name)
    for _ in range(100):
        world.visit(user_id="bot")
    world.add("shop/products", product_id="boots", category="Footwear", list_price=50.0)
    for name in ("buyer", "earlier_buyer", "beside_buyer"):
        person(name)
        granted(name)
        world.filled_cart(name)
    world.ordered("buyer", NOW - 7 * DAY)
    world.ordered("earlier_buyer", NOW - 7 * DAY - SECOND)
    for campaign, platform in (("letter", "email"), ("note", "Email"), ("film", "meta")):
        world.add("ads/campaigns", campaign_id=campaign, platform=platform)
    last, first = NOW - SECOND, NOW - 7 * DAY
    for name in ("capped", "too_early", "too_late", "opened", "would_be", "filmed", "nameless", "half_capped", "other_half"):
        person(name)
        granted(name)
    granted("capped", purpose=ADS)
    touched("capped", first)
    touched("capped", last, campaign="note", kind="impression")
    touched("too_early", first - SECOND, last)
    touched("too_late", first, NOW)
    touched("opened", last)
    touched("opened", last, last, kind="open")
    touched("opened", last, kind="click")
    touched("would_be", last)
    touched("would_be", last, last, kind="would_be_impression")
    touched("filmed", last, last, last, campaign="film", kind="impression")
    touched("nameless", last, last, last, campaign=None)
    # Touches from before any consent count as any other, and give none.
    for name in ("touched_before_consent", "capped_before_consent", "touched_without_consent"):
        person(name)
        touched(name, first)
    touched("capped_before_consent", NOW - 2 * DAY)
    touched("touched_without_consent", NOW - 2 * DAY)
    for name in ("touched_before_consent", "capped_before_consent"):
        granted(name, at=NOW - DAY)
    touched("half_capped", first)
    touched("other_half", last)

    # ---- What was bought: by any identifier, in force at as_of, and not after a withdrawal where it rests on consent.
    world.attribute("plain@mail.example", "older", identifier_type="email", legal_basis="contract")
    world.attribute("plain", "expired", observed_at=LATER, expires_at=NOW)
    world.attribute("again", "in force", expires_at=NOW + SECOND)
    world.attribute("tablet_mail", "withdrawn")
    world.attribute("tablet_ads", "granted again")
    world.attribute("stranger", "of nobody")
    world.write()


@pytest.fixture(scope="module")
def world(new_warehouse):
    warehouse = new_warehouse("world", seeds=seeds())
    write_world(warehouse)
    variables = dict(as_of=AS_OF, bot_events_per_day=100)
    warehouse.build("+audience_exclusions", "+customer_attributes", "+rejected_rows", "customers", "customer_identifiers",
                    **variables)  # fmt: skip
    warehouse.names = {
        customer_id: value
        for value, customer_id in warehouse.query(
            "select identifier_value, customer_id from main_intermediate.int_identity_map where identifier_type = 'user_id'"
        )
    }
    warehouse.before = audiences(warehouse)
    # Nobody is matched by likeness in this build, so the map is told who is alike.
    ids = {name: customer_id for customer_id, name in warehouse.names.items()}
    with duckdb.connect(str(warehouse.database)) as connection:
        for name, twin in TWINS:
            connection.execute(
                "update main_intermediate.int_identity_people set person_id = ? where customer_id = ?", [ids[name], ids[twin]]
            )
    downstream = ("int_customer_consents+", "int_customer_profiles+", "int_person_deliveries_daily+")
    warehouse.build(*(f"{model},+audience_exclusions" for model in downstream), "customer_attributes", **variables)
    return warehouse


def audiences(warehouse):
    """{(destination, family): names}"""
    found = {}
    for destination, segment, customer_id in warehouse.query(
        "select destination_key, split_part(split_part(segment_id, '@', 1), '/', 1), customer_id from main.audience_members"
    ):
        found.setdefault((destination, segment), set()).add(warehouse.names.get(customer_id, "nobody's"))
    return found


MAIL_READERS = {
    "plain", "again", "not_withdrawn_yet", "regranted", "alike", "office_after", "tablet_mail", "tablet_ads", "buyer",
    "earlier_buyer", "beside_buyer", "too_early", "too_late", "opened", "would_be", "filmed", "nameless",
    "touched_before_consent",
}  # fmt: skip
ADS_WATCHERS = {"ads_only", "tablet_ads", "capped"}
# Where every customer is a person alone, nothing of a twin holds.
MAIL_READERS_ALONE = MAIL_READERS | {"withdrew_as_twin", "beside_staff", "beside_bot", "half_capped", "other_half"}


def test_who_consented_and_is_not_suppressed_is_addressed(world):
    assert audiences(world) == {
        ("mail", "pricing_page_visitors"): MAIL_READERS,
        ("ads", "pricing_page_visitors"): ADS_WATCHERS,
        ("mail", "cart_abandoners"): {"earlier_buyer"},
    }


def test_without_likeness_every_customer_decides_alone(world):
    assert world.before == {
        ("mail", "pricing_page_visitors"): MAIL_READERS_ALONE,
        ("ads", "pricing_page_visitors"): ADS_WATCHERS,
        ("mail", "cart_abandoners"): {"earlier_buyer", "beside_buyer"},
    }


def test_a_shared_address_is_a_member_and_in_no_audience(world):
    members = world.query("""
        select identifier_value from main.segment_memberships inner join main_intermediate.int_identity_map using (customer_id)
        where family = 'lapsing_customers'
    """)
    assert members == [(sha256("info@office.example"),)]
    assert not [key for key in audiences(world) if key[1] == "lapsing_customers"]


def test_staff_and_bots_are_in_no_segment_under_any_customer(world):
    members = world.query("select customer_id from main.segment_memberships where family = 'pricing_page_visitors'")
    names = {world.names[customer_id] for (customer_id,) in members}
    assert "plain" in names and not names & {"staff", "beside_staff", "bot", "beside_bot"}


def test_recent_purchasers_stay_members(world):
    members = world.query("select customer_id from main.segment_memberships where family = 'cart_abandoners'")
    assert {world.names[customer_id] for (customer_id,) in members} == {"buyer", "earlier_buyer", "beside_buyer"}


def test_each_suppression_has_its_reason(world):
    rows = world.query("select customer_id, scope_type, scope_key, reason, arose_at from main.suppressions")
    found = {}
    for customer_id, scope_type, scope_key, reason, arose_at in rows:
        found.setdefault((scope_type, scope_key, reason), {})[world.names.get(customer_id, "nobody's")] = arose_at
    last = NOW - SECOND
    assert found == {
        ("everything", "all", "internal"): {"staff": None, "beside_staff": None},
        ("everything", "all", "bot"): {"bot": None, "beside_bot": None},
        **{
            ("family", family, "recent_purchaser"): {"buyer": NOW - 7 * DAY, "beside_buyer": NOW - 7 * DAY}
            for family in ("cart_abandoners", "cart_abandoners_by_age")
        },
        ("destination", "mail", "frequency_capped"): {
            "capped": last, "half_capped": last, "other_half": last,
            "capped_before_consent": NOW - 2 * DAY, "touched_without_consent": NOW - 2 * DAY,
        },
        # nobody's: the info@ address, which is a customer of its own
        ("purpose", MAIL, "unsubscribed"): dict.fromkeys(
            ["by_device", "same_moment", "merged", "withdrew_as_twin", "twin_who_withdrew", "twin_of_regranted",
             "office_before", "office_silent", "office_fourth", "nobody's"], LATER),
    }  # fmt: skip


def test_everyone_who_is_left_out_is_told_why(world):
    found = {
        (destination, world.names.get(customer_id, "nobody's")): reason
        for destination, customer_id, reason in world.query("""
            select destination_key, customer_id, reason from main.audience_exclusions
            where segment_id = 'pricing_page_visitors@7d'
        """)
    }
    reasons = {
        "silent": "no_consent", "by_device": "unsubscribed", "not_yet": "no_consent", "in_future": "no_consent",
        "capped": "frequency_capped", "half_capped": "frequency_capped", "capped_before_consent": "frequency_capped",
        "touched_without_consent": "no_consent",
    }  # fmt: skip
    assert {name: found["mail", name] for name in reasons} == reasons
    # Every member is in one of the two.
    members = world.query("select customer_id from main.segment_memberships where segment_id = 'pricing_page_visitors@7d'")
    names = {world.names.get(customer_id, "nobody's") for (customer_id,) in members}
    for destination, readers in (("mail", MAIL_READERS), ("ads", ADS_WATCHERS)):
        left_out = {name for key, name in found if key == destination}
        assert left_out | readers == names and not left_out & readers


def test_only_an_own_address_leaves_the_warehouse(world):
    rows = {
        world.names[customer_id]: addresses
        for customer_id, *addresses in world.query(
            "select distinct customer_id, email_sha256, phone_sha256 from main.audience_members"
        )
    }
    # Neither the twin's addresses nor the shared one.
    assert rows["alike"] == [sha256("alike@mail.example"), None]
    assert rows["office_after"] == [None, sha256("+493012345601")]


def test_a_decision_that_is_none_is_refused_with_its_reason(world):
    assert sorted(world.query("select reason from main.rejected_rows where source_table = 'crm/consents'")) == [
        ("timestamp_in_future",), ("unknown_purpose",),
    ]  # fmt: skip


def test_attributes_in_force_join_the_customer(world):
    rows = world.query("select customer_id, attribute_value, legal_basis from main.customer_attributes")
    assert {(world.names[customer_id], *more) for customer_id, *more in rows} == {
        ("plain", "older", "contract"), ("again", "in force", "consent"), ("tablet_ads", "granted again", "consent"),
    }  # fmt: skip


# ---- The tests that every build runs see what they are there for ----------------------------------------------------

EXPORTED_WRONGLY = [
    # (name, family, what is exported, the test that must tell, what it says)
    ("silent", "pricing_page_visitors", "silent@mail.example", "assert_no_audience_without_consent", "without consent to"),
    ("by_device", "pricing_page_visitors", "by_device@mail.example", "assert_no_audience_without_consent", "without"),
    ("office_before", "pricing_page_visitors", None, "assert_no_audience_without_consent", "without consent to"),
    ("staff", "pricing_page_visitors", "staff@mail.example", "assert_no_audience_of_suppressed", "is staff"),
    ("bot", "pricing_page_visitors", "bot@mail.example", "assert_no_audience_of_suppressed", "is a bot"),
    ("buyer", "cart_abandoners", "buyer@mail.example", "assert_no_audience_of_suppressed", "bought at"),
    ("capped", "pricing_page_visitors", "capped@mail.example", "assert_no_audience_of_suppressed", "got 2 touches"),
    ("plain", "pricing_page_visitors", "again@mail.example", "assert_audience_addresses_were_given", "did not give"),
]


def test_what_must_not_be_exported_fails_the_build(project):
    """Exported by hand past the models, on the repository's own seeds."""
    write_world(project)
    variables = dict(as_of=AS_OF, bot_events_per_day=100)
    project.build("+audience_members", "customers", "customer_identifiers", tests=False, **variables)
    tests = ("test", "--select", *sorted({test for *_, test, _ in EXPORTED_WRONGLY}), "--vars", str(variables))
    assert project.dbt(*tests).success, "nothing is wrong yet"
    for name, family, address, _, _ in EXPORTED_WRONGLY:
        with duckdb.connect(str(project.database)) as connection:
            connection.execute(
                """
                insert into main.audience_members (destination_key, segment_id, customer_id, email_sha256)
                select 'newsletter', (select min(segment_id) from main.segments where family = ?), customer_id, ?
                from main_intermediate.int_identity_map
                where identifier_id = 'user_id:' || ?
                """,
                [family, sha256(address) if address else None, name],
            )
    failed = project.dbt(*tests)
    assert not failed.success
    # dbt quotes three rows of a failed test; here all are wanted.
    problems = {
        one.node.name: [row[0] for row in project.query(one.node.compiled_code)]
        for one in failed.result if one.node.resource_type == "test"
    }
    ids = dict(project.query("select identifier_value, customer_id from main_intermediate.int_identity_map"))
    for name, _, _, test, words in EXPORTED_WRONGLY:
        assert [line for line in problems[test] if ids[name] in line and words in line], (name, problems)
