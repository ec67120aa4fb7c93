"""Spend that is wrong or nobody's: it is refused with a reason or stands apart with one, and none of it is lost."""

import datetime

import pytest

DAY = datetime.date(2026, 3, 20)
AT = datetime.datetime(2026, 3, 20, 12)
CAMPAIGNS = [
    dict(campaign_id="carts", platform="meta", segment_id="cart_abandoners"),
    dict(campaign_id="carts", platform="meta", segment_id=None),
    dict(campaign_id="blank", platform="meta", segment_id="  "),
    dict(campaign_id="mail", platform="email", segment_id="cart_abandoners"),
]

# What is delivered -> where it is found: (segment_id, spend), a reason of unassigned_spend, or a reject_reason.
DELIVERIES = [
    (dict(campaign_id="carts", spend_amount=10.0), ("cart_abandoners", 10.0)),
    (dict(campaign_id="carts", spend_amount=8.0), "duplicate_key"),
    (dict(campaign_id="carts", delivery_date=DAY - datetime.timedelta(1), currency_code=" eur "), ("cart_abandoners", 1.1)),
    (dict(campaign_id="carts", impressions=9, clicks=10), "clicks_exceed_impressions"),
    (dict(campaign_id="carts", spend_amount=-0.01), "negative_amount"),
    (dict(campaign_id="carts", spend_amount=float("nan")), "not_finite"),
    (dict(campaign_id="carts", currency_code=" "), "missing_currency"),
    (dict(campaign_id="carts", currency_code="XXX"), "unknown_currency"),
    (dict(campaign_id="carts", delivery_date=datetime.date(2099, 1, 1)), "timestamp_in_future"),
    (dict(campaign_id="lost", spend_amount=7.0), ("unknown_campaign", 7.0)),
    # Shown to nobody: no rate, no cost.
    (dict(campaign_id="mail", delivery_date=DAY + datetime.timedelta(3), impressions=0, clicks=0, spend_amount=0.0), ("cart_abandoners", 0.0)),
    (dict(campaign_id="blank", spend_amount=3.0), ("no_segment", 3.0)),
    (dict(campaign_id="lost", delivery_date=DAY - datetime.timedelta(1), spend_amount=0.0), ("unknown_campaign", 0.0)),
]  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(new_warehouse):
    made = new_warehouse("performance")
    made.write("ads/campaigns", CAMPAIGNS)
    made.write("ads/daily_delivery", [
        dict(delivery_date=DAY, impressions=100, clicks=10) | row for row, _ in DELIVERIES
    ])  # fmt: skip
    made.write("crm/consents", [
        dict(consent_id="c1", identifier_value="ann", recorded_at=AT - datetime.timedelta(days=9)),
        dict(consent_id="c2", identifier_value="bob", recorded_at=AT + datetime.timedelta(seconds=1)),
    ])  # fmt: skip
    made.write("ads/touches", [
        dict(touch_id="t1", campaign_id="carts", identifier_value="ann", touched_at=AT),
        dict(touch_id="t2", campaign_id="carts", identifier_value="bob", touched_at=AT),
        dict(touch_id="t3", campaign_id="carts", identifier_value="eve", touched_at=AT),
        # A day of which the platform reports nothing, by a campaign that it does not name.
        dict(touch_id="t4", campaign_id=None, identifier_value="ann", touched_at=AT + datetime.timedelta(days=1)),
        dict(touch_id="t5", campaign_id="mail", touch_type="open", identifier_value="bob", touched_at=AT + datetime.timedelta(days=2)),
    ])  # fmt: skip
    made.write("shop/orders", [
        dict(order_id="o1", user_id="ann", ordered_at=AT + datetime.timedelta(hours=1), order_amount=0.0),
        dict(order_id="o2", user_id="ann", ordered_at=AT + datetime.timedelta(days=1, hours=1), order_amount=40.0),
        dict(order_id="o3", user_id="bob", ordered_at=AT + datetime.timedelta(hours=1), order_amount=40.0),
    ])  # fmt: skip
    made.build("+segment_performance", "+unassigned_spend", as_of="2026-04-01")
    return made


def test_every_delivery_is_where_it_belongs(warehouse):
    refused = warehouse.query("select campaign_id, reject_reason from main_staging.base_ads__daily_delivery where reject_reason is not null")
    placed = warehouse.query("""
        select segment_id, spend_amount from main.segment_performance where spend_amount is not null
        union all
        select reason, spend_amount from main.unassigned_spend
    """)  # fmt: skip
    assert sorted(reason for _, reason in refused) == sorted(to for _, to in DELIVERIES if isinstance(to, str))
    rounded = [(place, round(spend, 9)) for place, spend in placed]
    assert sorted(rounded) == sorted(to for _, to in DELIVERIES if not isinstance(to, str))


def test_own_figures_are_of_those_who_had_consented(warehouse):
    """bob's first touch was before his consent, eve never gave any; an order of nothing is an order, and the one after a
    touch of no known campaign is no segment's."""
    rows = warehouse.query("""
        select delivery_date, spend_amount, touched_customers, converted_customers, conversions, revenue_amount, aov, roas
        from main.segment_performance order by delivery_date
    """)  # fmt: skip
    assert rows[1:] == [
        (DAY, 10.0, 1, 1, 1, 0.0, 0.0, 0.0),
        (DAY + datetime.timedelta(days=2), None, 1, 0, 0, 0.0, None, None),
        (DAY + datetime.timedelta(days=3), 0.0, *[None] * 6),
    ]
    assert rows[0][2:] == (None,) * 6
    last = dict(warehouse.query("select order_id, campaign_id from main.conversion_attribution where model = 'last'"))
    assert last == {"o1": "carts", "o2": "unknown"}


def test_no_figure_is_nan_or_infinite(warehouse):
    """Neither of a day that showed nothing to anybody nor of one that sold for nothing."""
    marts = ("segment_performance", "unassigned_spend", "conversion_attribution")
    assert warehouse.not_finite(*(f"main.{mart}" for mart in marts)) == []


def test_a_currency_without_a_rate_stops_with_its_name(project, capfd):
    project.write("ads/daily_delivery", [
        dict(campaign_id="a", currency_code="CHF"), dict(campaign_id="b", currency_code="chf"), dict(campaign_id="c"),
    ])  # fmt: skip
    result = project.dbt("build", "--select", "+base_ads__daily_delivery", "assert_spend_has_a_rate", "stg_ads__daily_delivery",
                         "--indirect-selection", "cautious")  # fmt: skip
    assert not result.success
    statuses = {found.node.name: found.status for found in result.result.results}
    assert statuses["assert_spend_has_a_rate"] == "fail" and statuses["stg_ads__daily_delivery"] == "skipped"
    said = "seeds/exchange_rates.csv has no rate for CHF, in which 2 rows of ads/daily_delivery stand, of a first; add it"
    assert said in " ".join(capfd.readouterr().out.split())
