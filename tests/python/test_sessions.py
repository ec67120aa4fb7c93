"""Sessions counted by day and put together where they are read, against one window over all raw events."""

import datetime
import random

import pytest

LAST_DAY = datetime.datetime(2026, 3, 31)
AS_OF = LAST_DAY + datetime.timedelta(days=1)
SECOND = datetime.timedelta(seconds=1)
MILLISECOND = datetime.timedelta(milliseconds=1)

# Every event has its place in the stream of its identifier, whatever day it is on.
EXPECTED = """
    with events as (
        select
            coalesce('user_id:' || user_id, 'anonymous_id:' || anonymous_id) as identifier_id,
            occurred_at,
            lag(occurred_at) over (partition by coalesce('user_id:' || user_id, 'anonymous_id:' || anonymous_id)
                order by occurred_at) as previous_at
        from read_parquet('{raw}/web/events/*.parquet')
    )
    select customer_id, lookback_days,
        count(*) filter (where previous_at is null or occurred_at - previous_at > interval '{minutes} minutes')::int
    from events
    inner join main_intermediate.int_identity_map using (identifier_id)
    inner join (values (1), (7), (14), (30)) as windows (lookback_days)
        on occurred_at >= timestamp '{as_of}' - interval (lookback_days) day and occurred_at < timestamp '{as_of}'
    group by all
    order by all
"""
FOUND = "select customer_id, lookback_days, session_count::int from main_intermediate.int_customer_sessions order by all"


def random_events(minutes, seed):
    """Streams of visitors whose pauses are often just as long as a session allows, or a little longer or shorter; many
    of them go on over midnight, and devices come to belong to users half-way."""
    chance = random.Random(seed)
    limit = datetime.timedelta(minutes=minutes)
    for visitor in range(40):
        # Most are awake at night, where the days meet.
        moment = LAST_DAY - datetime.timedelta(days=chance.randrange(2, 40)) + datetime.timedelta(hours=chance.choice((20, 23)))
        user = None
        for number in range(chance.randrange(1, 80)):
            if user is None and chance.random() < 0.02:
                user = f"u{visitor % 35}"
            yield {
                "event_id": f"e{visitor}-{number}",
                "event_name": "page_viewed",
                "occurred_at": moment,
                "received_at": moment,
                "anonymous_id": f"a{visitor}",
                "user_id": user,
            }
            moment += chance.choice((
                limit, limit, limit + MILLISECOND, limit + SECOND, limit - SECOND,
                limit * chance.random(), limit * chance.random(), 20 * limit * chance.random(),
                datetime.timedelta(),
            ))  # fmt: skip
            # Midnight itself belongs to the day that it begins.
            if chance.random() < 0.03:
                moment = datetime.datetime.combine(moment.date() + datetime.timedelta(days=1), datetime.time())


@pytest.mark.parametrize("minutes", [30, 50])
def test_sessions_by_day_are_those_of_the_whole_stream(new_warehouse, minutes):
    warehouse = new_warehouse(f"sessions_{minutes}")
    warehouse.write("web/events", list(random_events(minutes, seed=minutes)))
    warehouse.build("+int_customer_sessions", as_of=str(AS_OF.date()), lookback_days=[1, 7, 14, 30], session_minutes=minutes)
    expected = warehouse.query(EXPECTED.format(raw=warehouse.raw, as_of=AS_OF, minutes=minutes))
    assert len({customer for customer, _, _ in expected}) > 20
    assert warehouse.query(FOUND) == expected
    # The sum over days is more: the difference are the sessions that cross a midnight.
    by_day = warehouse.column("select sum(session_count)::int from main_intermediate.int_identifier_sessions_daily")[0]
    crossed = warehouse.column(
        "select count(*) from main_intermediate.int_identifier_sessions_daily as day"
        " inner join main_intermediate.int_identifier_sessions_daily as before on day.identifier_id = before.identifier_id"
        " and day.activity_date = before.activity_date + 1"
        f" and day.first_event_at <= before.last_event_at + interval '{minutes} minutes'"
    )[0]
    assert 10 < crossed < by_day
