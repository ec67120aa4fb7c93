"""Staging, on rows worked by hand: what is refused and why, what is kept, what is hashed."""

import datetime
import hashlib
import json

import pytest
from conftest import CONTRACT

STAGED = ["main_staging.stg_crm__contacts", "main_staging.stg_web__events", "rejected_rows"]
STAGING = ["path:models/staging", "+rejected_rows"]

NOON = datetime.datetime(2026, 3, 1, 12)
OLD = datetime.datetime(1970, 1, 1)
LATE = datetime.datetime(2999, 1, 1)
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
NAN = float("nan")


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


NO_DEVICE = "00000000-0000-0000-0000-000000000000"
NOBODY = {"user_id": None, "anonymous_id": None}
PERSON = {"identifier_type": "email", "identifier_value": " Ann@Shop.example"}
ANN = sha256("ann@shop.example")
MOBILE = {"identifier_type": "phone", "identifier_value": "030 1234567"}
BUTTON_KEY = "checkout_button_2026_02"
BUTTON = {"experiment_key": BUTTON_KEY, "arm_key": "control"}
SOMEONE = {"identifier_type": "mail", "identifier_value": "Ann@Shop.example"}

# What differs from a good row; the key and the reason that stand in rejected_rows, or None where
# the row is accepted. The rows of one table stand in one file.
ROWS = {
    "web/events": [
        ({"event_id": " e1 "}, None),
        ({"event_id": None}, ("", "null_key")),
        ({"event_id": "  ", "occurred_at": None}, ("", "null_key")),
        ({"event_id": "e2", "event_name": ""}, ("e2", "missing_event_name")),
        ({"event_id": "e3", "occurred_at": None}, ("e3", "missing_occurred_at")),
        ({"event_id": "e4"} | NOBODY, ("e4", "no_identifier")),
        ({"event_id": "e5", "user_id": None, "anonymous_id": "a1"}, None),
        ({"event_id": "e6", "occurred_at": OLD}, ("e6", "timestamp_too_old")),
        ({"event_id": "e7", "received_at": OLD}, ("e7", "timestamp_too_old")),
        ({"event_id": "e8", "occurred_at": LATE}, ("e8", "timestamp_in_future")),
        ({"event_id": "e9", "received_at": LATE}, ("e9", "timestamp_in_future")),
        ({"event_id": "e10", "received_at": NOON - DAY}, None),
        (
            {"event_id": "e11", "received_at": NOON - DAY - datetime.timedelta(seconds=1)},
            ("e11", "timestamp_in_future"),
        ),
        ({"event_id": "e12", "quantity": -1}, ("e12", "negative_quantity")),
        ({"event_id": "e13", "quantity": 0}, None),
        ({"event_id": "e14", "value_amount": 5.0}, ("e14", "missing_currency")),
        (
            {"event_id": "e15", "value_amount": 5.0, "currency_code": "XXX"},
            ("e15", "unknown_currency"),
        ),
        ({"event_id": "e16", "value_amount": 5.0, "currency_code": " eur"}, None),
        ({"event_id": "e17", "value_amount": -5.0}, ("e17", "negative_amount")),
        ({"event_id": "e18", "value_amount": NAN}, ("e18", "not_finite")),
        # A placeholder is no identifier; neither is a document that slipped into the column.
        ({"event_id": "i1", "user_id": "undefined"}, ("i1", "no_identifier")),
        ({"event_id": "i2", "user_id": " NULL ", "anonymous_id": NO_DEVICE}, ("i2", "no_identifier")),
        ({"event_id": "i3", "user_id": "null@shop.example"}, ("i3", "no_identifier")),
        ({"event_id": "i4", "user_id": "x" * 10_000}, ("i4", "no_identifier")),
        ({"event_id": "i5", "user_id": "0", "anonymous_id": "a1"}, None),
        ({"event_id": "i6", "user_id": "x" * 512, "anonymous_id": NO_DEVICE}, None),
        # Deliveries of one event: received late, early, early again, and broken.
        ({"event_id": "d1", "received_at": NOON + DAY}, ("d1", "duplicate_delivery")),
        ({"event_id": "d1", "received_at": NOON}, None),
        ({"event_id": "d1", "received_at": NOON}, ("d1", "duplicate_delivery")),
        ({"event_id": "d1", "received_at": None}, ("d1", "duplicate_delivery")),
        ({"event_id": "d1", "received_at": NOON, "quantity": -1}, ("d1", "negative_quantity")),
    ],
    "crm/contacts": [
        ({"contact_id": "k1", "updated_at": NOON}, ("k1", "duplicate_key")),
        ({"contact_id": "k1", "updated_at": NOON + DAY}, None),
        ({"contact_id": "k1", "updated_at": LATE}, ("k1", "timestamp_in_future")),
        ({"contact_id": None}, ("", "null_key")),
        ({"contact_id": "None"}, ("", "null_key")),
        ({"contact_id": "k2", "created_at": None}, ("k2", "missing_created_at")),
        ({"contact_id": "k3", "created_at": OLD}, ("k3", "timestamp_too_old")),
        ({"contact_id": "k4", "updated_at": OLD}, ("k4", "timestamp_too_old")),
        ({"contact_id": "k5", "created_at": LATE}, ("k5", "timestamp_in_future")),
    ],
    "crm/accounts": [
        ({"account_id": "b1"}, ("b1", "duplicate_key")),
        ({"account_id": "b1", "converted_at": NOON}, None),
        ({"account_id": None}, ("", "null_key")),
        ({"account_id": "N/A"}, ("", "null_key")),
        ({"account_id": "b2", "trial_ends_at": LATE}, None),
        ({"account_id": "b3", "trial_started_at": LATE}, ("b3", "timestamp_in_future")),
        ({"account_id": "b4", "created_at": OLD}, ("b4", "timestamp_too_old")),
    ],
    "crm/consents": [
        ({"consent_id": "c1"}, ("c1", "duplicate_key")),
        ({"consent_id": "c1", "status": "withdrawn"}, None),
        ({"consent_id": None}, ("", "null_key")),
        ({"consent_id": "c2", "identifier_type": None}, ("c2", "missing_identifier_type")),
        ({"consent_id": "c3", "identifier_value": " "}, ("c3", "missing_identifier_value")),
        ({"consent_id": "c4"} | SOMEONE, ("c4", "unknown_identifier_type")),
        ({"consent_id": "c5"} | MOBILE, ("c5", "invalid_identifier_value")),
        ({"consent_id": "c5b", "identifier_value": "undefined"}, ("c5b", "invalid_identifier_value")),
        ({"consent_id": "c6", "purpose": None}, ("c6", "missing_purpose")),
        ({"consent_id": "c7", "purpose": "all"}, ("c7", "unknown_purpose")),
        ({"consent_id": "c8", "status": None}, ("c8", "missing_status")),
        ({"consent_id": "c9", "status": "maybe"}, ("c9", "unknown_status")),
        ({"consent_id": "c10", "recorded_at": None}, ("c10", "missing_recorded_at")),
        ({"consent_id": "c11", "recorded_at": LATE}, ("c11", "timestamp_in_future")),
        ({"consent_id": "c12", "status": "Granted", "purpose": "ANALYTICS "} | PERSON, None),
    ],
    "shop/products": [
        ({"product_id": "p1"}, ("p1", "duplicate_key")),
        ({"product_id": "p1", "category": " Shoes"}, None),
        ({"product_id": None}, ("", "null_key")),
        ({"product_id": "p2", "list_price": 1.0}, ("p2", "missing_currency")),
        ({"product_id": "p3", "currency_code": "XXX"}, ("p3", "unknown_currency")),
        ({"product_id": "p4", "list_price": -1.0}, ("p4", "negative_amount")),
        ({"product_id": "p5", "list_price": NAN}, ("p5", "not_finite")),
    ],
    "shop/orders": [
        ({"order_id": "o1", "order_status": "returned"}, None),
        ({"order_id": "o1", "order_status": "completed"}, ("o1", "duplicate_key")),
        ({"order_id": "o1", "ordered_at": NOON + DAY}, ("o1", "duplicate_key")),
        (
            {"order_id": "o1", "ordered_at": NOON - DAY, "order_amount": -1.0},
            ("o1", "negative_amount"),
        ),
        ({"order_id": None}, ("", "null_key")),
        ({"order_id": "o2", "ordered_at": None}, ("o2", "missing_ordered_at")),
        ({"order_id": "o3", "order_status": None}, ("o3", "missing_order_status")),
        ({"order_id": "o4", "order_amount": None}, ("o4", "missing_order_amount")),
        ({"order_id": "o5", "currency_code": None}, ("o5", "missing_currency")),
        ({"order_id": "o6", "order_status": "paid"}, ("o6", "unknown_status")),
        ({"order_id": "o7", "currency_code": "XXX"}, ("o7", "unknown_currency")),
        ({"order_id": "o8", "order_amount": float("inf")}, ("o8", "not_finite")),
        ({"order_id": "o9", "ordered_at": OLD}, ("o9", "timestamp_too_old")),
        ({"order_id": "o10", "ordered_at": LATE}, ("o10", "timestamp_in_future")),
        ({"order_id": "o11"} | NOBODY, ("o11", "no_identifier")),
        ({"order_id": "o12", "email": "n/a"} | NOBODY, ("o12", "no_identifier")),
        ({"order_id": "o12b", "user_id": "unknown", "email": "000@shop.example"}, ("o12b", "no_identifier")),
        ({"order_id": "o13", "email": "Ann@Shop.example"} | NOBODY, None),
    ],
    "shop/order_lines": [
        ({"order_id": "o1", "line_number": 1, "quantity": 0}, None),
        ({"order_id": "o1", "line_number": 2, "product_id": "a"}, None),
        ({"order_id": "o1", "line_number": 2}, ("o1|2", "duplicate_key")),
        ({"order_id": None}, ("|1", "null_key")),
        ({"order_id": "o1", "line_number": None}, ("o1|", "null_key")),
        ({"order_id": "o1", "line_number": 3, "quantity": None}, ("o1|3", "missing_quantity")),
        (
            {"order_id": "o1", "line_number": 4, "line_amount": None},
            ("o1|4", "missing_line_amount"),
        ),
        ({"order_id": "o1", "line_number": 5, "quantity": -1}, ("o1|5", "negative_quantity")),
        ({"order_id": "o1", "line_number": 6, "line_amount": -0.5}, ("o1|6", "negative_amount")),
        ({"order_id": "o1", "line_number": 7, "line_amount": NAN}, ("o1|7", "not_finite")),
        ({"order_id": "o99"}, ("o99|1", "unknown_order")),
        ({"order_id": "o10"}, ("o10|1", "unknown_order")),
    ],
    "activation/uploads": [
        ({"upload_id": "u1", "status": "confirmed", "reported_at": NOON}, ("u1", "duplicate_key")),
        ({"upload_id": "u1", "status": " Failed ", "reported_at": NOON}, None),
        ({"upload_id": "u2", "status": "CONFIRMED", "row_count": 0}, None),
        ({"upload_id": None, "status": "confirmed"}, ("", "null_key")),
        ({"upload_id": "u3", "status": "confirmed", "batch_id": " "}, ("u3", "missing_batch_id")),
        ({"upload_id": "u4", "status": "confirmed", "destination_key": None}, ("u4", "missing_destination_key")),
        ({"upload_id": "u5", "status": "confirmed", "segment_id": None}, ("u5", "missing_segment_id")),
        ({"upload_id": "u6", "status": None}, ("u6", "missing_status")),
        ({"upload_id": "u7", "status": "confirmed", "reported_at": None}, ("u7", "missing_reported_at")),
        ({"upload_id": "u8", "status": "pending"}, ("u8", "unknown_status")),
        ({"upload_id": "u9", "status": "confirmed", "row_count": -1}, ("u9", "negative_quantity")),
        ({"upload_id": "u10", "status": "confirmed", "reported_at": OLD}, ("u10", "timestamp_too_old")),
        ({"upload_id": "u11", "status": "confirmed", "reported_at": LATE}, ("u11", "timestamp_in_future")),
    ],
    "ads/campaigns": [
        ({"campaign_id": "m1"}, ("m1", "duplicate_key")),
        ({"campaign_id": "m1", "experiment_key": "x"}, None),
        ({"campaign_id": None}, ("", "null_key")),
        ({"campaign_id": "m2", "platform": None}, ("m2", "missing_platform")),
    ],
    "ads/daily_delivery": [
        ({"campaign_id": "m1"}, ("m1|2026-03-01", "duplicate_key")),
        ({"campaign_id": "m1", "impressions": 2}, None),
        ({"campaign_id": "m2", "delivery_date": None}, ("m2|", "null_key")),
        ({"campaign_id": "m3", "impressions": None}, ("m3|2026-03-01", "missing_impressions")),
        ({"campaign_id": "m4", "clicks": None}, ("m4|2026-03-01", "missing_clicks")),
        ({"campaign_id": "m5", "spend_amount": None}, ("m5|2026-03-01", "missing_spend_amount")),
        ({"campaign_id": "m6", "currency_code": None}, ("m6|2026-03-01", "missing_currency")),
        ({"campaign_id": "m7", "currency_code": "XXX"}, ("m7|2026-03-01", "unknown_currency")),
        ({"campaign_id": "m8", "clicks": -1}, ("m8|2026-03-01", "negative_quantity")),
        ({"campaign_id": "m9", "clicks": 2}, ("m9|2026-03-01", "clicks_exceed_impressions")),
        ({"campaign_id": "m10", "spend_amount": NAN}, ("m10|2026-03-01", "not_finite")),
        ({"campaign_id": "m11", "spend_amount": -1.0}, ("m11|2026-03-01", "negative_amount")),
        ({"campaign_id": "m12", "platform_conversions": NAN}, ("m12|2026-03-01", "not_finite")),
        (
            {"campaign_id": "m13", "platform_conversions": -0.5},
            ("m13|2026-03-01", "negative_quantity"),
        ),
        (
            {"campaign_id": "m14", "delivery_date": LATE.date()},
            ("m14|2999-01-01", "timestamp_in_future"),
        ),
        (
            {"campaign_id": "m15", "delivery_date": OLD.date()},
            ("m15|1970-01-01", "timestamp_too_old"),
        ),
    ],
    "ads/touches": [
        ({"touch_id": "t1"}, None),
        ({"touch_id": "t1"}, ("t1", "duplicate_key")),
        ({"touch_id": "t1", "touched_at": NOON + HOUR}, ("t1", "duplicate_key")),
        # On another day it is another touch.
        ({"touch_id": "t1", "touched_at": NOON + DAY}, None),
        ({"touch_id": None}, ("", "null_key")),
        ({"touch_id": "t2", "identifier_type": None}, ("t2", "missing_identifier_type")),
        ({"touch_id": "t3", "identifier_value": None}, ("t3", "missing_identifier_value")),
        ({"touch_id": "t4"} | SOMEONE, ("t4", "unknown_identifier_type")),
        ({"touch_id": "t5"} | MOBILE, ("t5", "invalid_identifier_value")),
        ({"touch_id": "t6", "touch_type": None}, ("t6", "missing_touch_type")),
        ({"touch_id": "t7", "touch_type": "view"}, ("t7", "unknown_touch_type")),
        # Touches have a retention: of what has no age, only the reason is held.
        ({"touch_id": "t8", "touched_at": None}, ("", "missing_touched_at")),
        ({"touch_id": "t9", "touched_at": OLD}, ("", "timestamp_too_old")),
        ({"touch_id": "t10", "touched_at": LATE}, ("t10", "timestamp_in_future")),
    ],
    "experiments/assignments": [
        (BUTTON | PERSON, None),
        (BUTTON | PERSON | {"assigned_at": NOON + DAY}, (f"{BUTTON_KEY}|{ANN}", "duplicate_key")),
        # Another arm: the ledger keeps the first, and experiment_health tells of it.
        (BUTTON | PERSON | {"arm_key": "green_button", "assigned_at": NOON + DAY}, None),
        (BUTTON | {"arm_key": "red_button"}, (f"{BUTTON_KEY}|u1", "unknown_arm")),
        (BUTTON | {"unit_type": "account"}, (f"{BUTTON_KEY}|u1", "other_unit_type")),
        ({"experiment_key": "cart_recovery", "arm_key": "control"}, ("cart_recovery|u1", "hashed_experiment")),
        ({"experiment_key": "x1"}, ("x1|u1", "unknown_experiment")),
        ({"experiment_key": None}, ("|u1", "null_key")),
        ({"experiment_key": "x2", "identifier_value": None}, ("x2|", "null_key")),
        ({"experiment_key": "x3", "unit_type": None}, ("x3|u1", "missing_unit_type")),
        (
            {"experiment_key": "x4", "identifier_type": None},
            ("x4|", "missing_identifier_type"),
        ),
        ({"experiment_key": "x5", "arm_key": None}, ("x5|u1", "missing_arm_key")),
        ({"experiment_key": "x6", "assigned_at": None}, ("x6|u1", "missing_assigned_at")),
        ({"experiment_key": "x7", "unit_type": "device"}, ("x7|u1", "unknown_unit_type")),
        ({"experiment_key": "x8"} | SOMEONE, ("x8|", "unknown_identifier_type")),
        ({"experiment_key": "x9"} | MOBILE, ("x9|", "invalid_identifier_value")),
        ({"experiment_key": "x10", "assigned_at": LATE}, ("x10|u1", "timestamp_in_future")),
    ],
    "privacy/erasure_requests": [
        # About nobody else here: what an accepted one takes out is the matter of test_privacy.
        ({"request_id": "r1", "identifier_value": "somebody-else"}, None),
        ({"request_id": "r1", "identifier_value": "somebody-else"}, ("r1", "duplicate_key")),
        ({"request_id": None}, ("", "null_key")),
        ({"request_id": "r2"} | SOMEONE, ("r2", "unknown_identifier_type")),
        ({"request_id": "r3"} | MOBILE, ("r3", "invalid_identifier_value")),
        ({"request_id": "r4", "requested_at": None}, ("r4", "missing_requested_at")),
    ],
    "enrichment/attributes": [
        ({"provider": "v1", "expires_at": NOON + DAY}, None),
        (
            {"provider": "v1", "expires_at": None},
            ("v1|user_id|u1|x|2026-03-01 12:00:00", "duplicate_key"),
        ),
        ({"provider": "v2", "expires_at": LATE}, None),
        ({"provider": None}, ("|user_id|u1|x|2026-03-01 12:00:00", "null_key")),
        ({"provider": "v3", "observed_at": None}, ("", "null_key")),
        (
            {"provider": "v4", "party": "first"},
            ("v4|user_id|u1|x|2026-03-01 12:00:00", "unknown_party"),
        ),
        (
            {"provider": "v5", "party": None},
            ("v5|user_id|u1|x|2026-03-01 12:00:00", "missing_party"),
        ),
        (
            {"provider": "v6", "attribute_value": None},
            ("v6|user_id|u1|x|2026-03-01 12:00:00", "missing_attribute_value"),
        ),
        (
            {"provider": "v7", "legal_basis": None},
            ("v7|user_id|u1|x|2026-03-01 12:00:00", "missing_legal_basis"),
        ),
        (
            {"provider": "v8", "observed_at": OLD},
            ("", "timestamp_too_old"),
        ),
        (
            {"provider": "v9"} | SOMEONE,
            ("v9|mail||x|2026-03-01 12:00:00", "unknown_identifier_type"),
        ),
    ],
}


def test_each_row_is_accepted_or_refused_for_the_reason_worked_by_hand(project):
    assert set(ROWS) == set(CONTRACT)
    for table, rows in ROWS.items():
        project.write(table, [changed for changed, _ in rows])
    project.build(*STAGING)

    found = project.query("select source_table, row_key, reason from rejected_rows")
    expected = [(table, *refusal) for table, rows in ROWS.items() for _, refusal in rows if refusal]
    assert sorted(found) == sorted(expected)
    for table, rows in ROWS.items():
        query = f"select count(*) from main_staging.stg_{table.replace('/', '__')}"
        assert project.query(query) == [(sum(not refusal for _, refusal in rows),)], table
    for (text,) in project.query("select row_json from rejected_rows"):
        assert isinstance(json.loads(text), dict)

    assert project.query("""
        select received_at, currency_code, value_reporting_amount
        from main_staging.stg_web__events
        where event_id in ('d1', 'e16')
        order by event_id
    """) == [(NOON, None, None), (None, "EUR", pytest.approx(5.5))]
    assert project.query("""
        select order_id, order_status, identifier_id
        from main_staging.stg_shop__orders
        order by order_id
    """) == [("o1", "returned", "user_id:u1"), ("o13", "completed", f"email:{ANN}")]


def test_the_same_files_in_another_order_give_the_same_rows(project):
    texts = [(str(number % 3 + 1), str(number % 5), "x" * (number % 2)) for number in range(30)]
    seen = []
    for step in (1, -1):
        project.write("crm/contacts", [
            {"contact_id": key, "postal_code": one, "lifecycle_stage": other}
            for key, one, other in texts[::step]
        ])
        project.write("web/events", [
            {"event_id": key, "page_url": one, "search_query": other}
            for key, one, other in texts[::step]
        ])
        project.build(*STAGING, tests=False)
        seen.append([
            project.query(f"select * from {table} order by all")
            for table in STAGED
        ])
    assert seen[0] == seen[1]
    assert [len(rows) for rows in seen[0]] == [3, 3, 54]


HASH = "a1" * 32

EMAILS = {
    "ann@shop.example": sha256("ann@shop.example"),
    "  Ann@SHOP.example ": sha256("ann@shop.example"),
    "ann+news@shop.example": sha256("ann+news@shop.example"),
    "ünal@büro.example": sha256("ünal@büro.example"),
    HASH: HASH,
    HASH.upper(): HASH,
    "": None,
    None: None,
    "ann": None,
    "@shop.example": None,
    "ann@": None,
    "ann@b@shop.example": None,
    "ann b@shop.example": None,
    "null@shop.example": None,
    "Test@shop.example": None,
    "no-reply@shop.example": None,
    "n/a": None,
    "none": None,
    "testa@shop.example": sha256("testa@shop.example"),
}

PHONES = {
    "+49 30 1234567": sha256("+49301234567"),
    "0049 (0)30/123-4567": sha256("+49301234567"),
    " +49.30.1234567 ": sha256("+49301234567"),
    "+1 (212) 555-0100": sha256("+12125550100"),
    HASH: HASH,
    "030 1234567": None,
    "+49 30 1234567 ext 8": None,
    "+1234567": None,
    "+1234567890123456": None,
    "+0123456789": None,
    "+49+301234567": None,
    "+00000000000": None,
    "+49 999 9999999": None,
    "n/a": None,
    "+": None,
    "": None,
    None: None,
}

NAMES = {" Ann ": sha256("ann"), HASH: HASH, " ": None, None: None}


def test_emails_phones_and_names_are_normalised_and_hashed(project):
    project.write("crm/contacts", [
        *({"contact_id": f"email {n}", "email": text} for n, text in enumerate(EMAILS)),
        *({"contact_id": f"phone {n}", "phone": text} for n, text in enumerate(PHONES)),
        *({"contact_id": f"first {n}", "first_name": text} for n, text in enumerate(NAMES)),
        *({"contact_id": f"last {n}", "last_name": text} for n, text in enumerate(NAMES)),
    ])
    project.build("+stg_crm__contacts", tests=False)
    found = {
        key: hashes
        for key, *hashes in project.query("""
            select contact_id, email_hash, phone_hash, first_name_hash, last_name_hash
            from main_staging.stg_crm__contacts
        """)
    }
    kinds = {"email": EMAILS, "phone": PHONES, "first": NAMES, "last": NAMES}
    for place, (kind, known) in enumerate(kinds.items()):
        for n, (text, expected) in enumerate(known.items()):
            assert found[f"{kind} {n}"][place] == expected, text


def test_no_email_phone_or_name_stands_in_the_clear(project):
    """Every text of every table that staging builds, accepted or refused, is searched."""
    clear = ["ann@shop.example", "1234567", "annabella", "miller"]
    address = "Ann@shop.example"
    people = [
        {"identifier_type": "email", "identifier_value": address},
        {"identifier_type": "phone", "identifier_value": "+49 30 1234567"},
        {"identifier_type": "user_id", "identifier_value": address},
        {"identifier_type": "telephone", "identifier_value": "+49301234567"},
    ]
    ann = {
        "user_id": address,
        "email": address,
        "phone": "+49301234567",
        "first_name": "Annabella",
        "last_name": "Miller",
    }
    project.write("crm/contacts", [
        ann,
        ann,
        ann | {"contact_id": address},
        ann | {"contact_id": None, "phone": "1234567", "email": f"{address} x"},
    ])
    project.write("crm/accounts", [{"account_id": address}, {"account_id": address}])
    project.write("shop/orders", [
        {"order_id": "o1", "email": address},
        {"order_id": "o2", "email": address, "order_amount": -1.0},
    ])
    project.write("web/events", [{"user_id": address}, {"event_id": None, "anonymous_id": address}])
    keys = {
        "crm/consents": "consent_id",
        "ads/touches": "touch_id",
        "privacy/erasure_requests": "request_id",
        "experiments/assignments": "experiment_key",
        "enrichment/attributes": "provider",
    }
    for table, key in keys.items():
        # An accepted request would take these people out.
        later = {"requested_at": NOON + 1000 * 365 * DAY} if key == "request_id" else {}
        project.write(table, [
            {key: value} | person | later
            for person in people
            for value in (str(people.index(person)), None)
        ])
    project.build(*STAGING, tests=False)

    columns = project.query("""
        select table_schema || '.' || table_name, column_name
        from information_schema.columns
        inner join information_schema.tables using (table_schema, table_name)
        where table_schema in ('main', 'main_staging') and data_type = 'VARCHAR' and table_type = 'BASE TABLE'
    """)
    assert len(columns) > 90
    found = project.query(" union all ".join(
        f"select '{table}.{column}', {column} from {table} "
        f"where regexp_matches(lower({column}), '{'|'.join(clear)}')"
        for table, column in columns
    ))
    assert found == []
    assert project.query("select identifier_id from main_staging.stg_web__events") == [
        (f"user_id:{ANN}",)
    ]


def test_moments_at_the_ends_of_time_are_refused(project):
    moments = ["infinity", "-infinity", "290000-01-01", "0001-01-01", "2026-03-01"]
    project.write("web/events", [
        {"event_id": f"{one} {other}", "occurred_at": one, "received_at": other}
        for one in moments
        for other in moments
    ])
    project.build(*STAGING, tests=False)
    assert project.query("select event_id from main_staging.stg_web__events") == [
        ("2026-03-01 2026-03-01",)
    ]
    assert project.query("select distinct reason from rejected_rows order by reason") == [
        ("timestamp_in_future",), ("timestamp_too_old",)
    ]


def test_a_lost_row_is_named(project):
    project.write("web/events", [{"event_id": "e1"}, {"event_id": None}])
    project.build(*STAGING, tests=False)
    project.write("web/events", [{"event_id": "e2"}], "part-1.parquet")
    result = project.dbt("test", "--select", "stg_web__events", "rejected_rows", "stg_privacy__removed_rows")
    assert not result.success
    failed = [one for one in result.result.results if one.status == "fail"]
    assert [one.node.attached_node for one in failed] == ["model.tessera.stg_web__events"]
    problem = project.query(failed[0].node.compiled_code)[0][-1]
    assert problem == "web/events: 3 rows, but 1 accepted, 1 rejected and 0 removed"
