"""A small shop's raw files, from a seed: what happens to its people day by day, and when each row can first be read.

A world is made whole and then told in loads: a load writes the rows that have become visible since the one before. An
event becomes visible within WINDOW after it was received (where that is not known, after it occurred), however late it
was received; with `beyond` some become visible later. Everything else may come as late as it likes.
"""

import datetime
import json
import random
from pathlib import Path

import duckdb

from tools.demo import contract

Row = dict
START, END = datetime.datetime(2026, 2, 25), datetime.datetime(2026, 5, 20)
# Runs begin here; until then the lookback windows fill.
FIRST_RUN = datetime.datetime(2026, 3, 25)
WINDOW = datetime.timedelta(days=3)
LATE_DAYS = 20
BEYOND_DAYS = (4, 20)
SNAPSHOTS = ("crm/accounts", "shop/products", "ads/campaigns")
CATEGORIES = ("shoes", "books", "garden")
PAGES = ("/pricing", "/pricing?plan=team", "/blog/one", "/tutorials/getting-started/1", "/videos/two", "/", "/account")


def days(number: float) -> datetime.timedelta:
    return datetime.timedelta(days=number)


class World:
    def __init__(self, seed: int, people: int = 80, beyond: bool = False) -> None:
        self.random = random.Random(f"world {seed}")
        self.beyond = beyond
        # (visible_at, table, row), and the rows of tables that are exported whole with the moment of their change.
        self.facts: list[tuple[datetime.datetime, str, Row]] = []
        self.versions: list[tuple[datetime.datetime, str, Row]] = []
        self.loads = self.told = self.numbers = 0
        self.make_shop()
        self.people = [self.make_person(number) for number in range(people)]
        self.share_identifiers()
        for person in self.people:
            self.live(person)
        self.ask_for_erasure()
        self.facts.sort(key=lambda fact: fact[0])

    # ---- Small change ---------------------------------------------------------------------------------------------

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def number(self, prefix: str) -> str:
        self.numbers += 1
        return f"{prefix}{self.numbers}"

    def day(self, first: datetime.datetime = START, last: datetime.datetime = END) -> datetime.datetime:
        """A moment between two, to the second."""
        return first + datetime.timedelta(seconds=self.random.randrange(int((last - first).total_seconds())))

    def after(self, moment: datetime.datetime, most: datetime.timedelta, usual: float = 0.85) -> datetime.datetime:
        """Usually within an hour and a half, else any time up to `most` later."""
        seconds = 5400 if self.chance(usual) else int(most.total_seconds())
        return moment + datetime.timedelta(seconds=self.random.randrange(seconds))

    def tell(self, visible_at: datetime.datetime, table: str, row: Row) -> None:
        self.facts.append((visible_at, table, row))

    # ---- What there is --------------------------------------------------------------------------------------------

    def make_shop(self) -> None:
        self.products = [f"p{number}" for number in range(12)]
        for product in self.products:
            row = {"product_id": product, "product_name": product, "category": self.random.choice(CATEGORIES),
                   "list_price": round(self.random.uniform(5, 120), 2), "currency_code": "USD"}
            self.versions.append((START, "shop/products", row))
            if self.chance(0.4):
                moved = {**row, "category": self.random.choice(CATEGORIES), "list_price": row["list_price"] + 1}
                self.versions.append((self.day(FIRST_RUN), "shop/products", moved))
        self.campaigns = ["email1", "meta1", "meta2"]
        for campaign, segment in zip(self.campaigns, ("cart_abandoners", "pricing_page_visitors@7d", None)):
            row = {"campaign_id": campaign, "campaign_name": campaign, "platform": campaign[:-1],
                   "segment_id": segment, "experiment_key": "cart_recovery" if campaign == "email1" else None}
            self.versions.append((START, "ads/campaigns", row))
            for number in range((END - START).days):
                at = START + days(number)
                spent = {"campaign_id": campaign, "delivery_date": at.date(), "impressions": 100, "clicks": 5,
                         "spend_amount": round(self.random.uniform(1, 9), 2), "currency_code": "EUR"}
                self.tell(self.after(at + days(1), days(5)), "ads/daily_delivery", spent)
                if self.chance(0.2):
                    # The platform raises a day's figures afterwards.
                    raised = {**spent, "impressions": 120, "platform_conversions": 1.5}
                    self.tell(self.day(at + days(2), at + days(12)), "ads/daily_delivery", raised)
        self.accounts = [f"a{number}" for number in range(10)]
        for account in self.accounts:
            starts = self.day(FIRST_RUN - days(6), FIRST_RUN + days(12))
            row = {"account_id": account, "account_name": account, "plan": "team", "created_at": START}
            trial = {**row, "trial_started_at": starts, "trial_ends_at": starts + days(self.random.choice((14, 30)))}
            self.versions += [(START, "crm/accounts", row), (starts, "crm/accounts", trial)]
            if self.chance(0.4):
                converted = self.day(starts + days(3), starts + days(30))
                self.versions.append((converted, "crm/accounts", {**trial, "converted_at": converted}))

    def make_person(self, number: int) -> Row:
        is_known = self.chance(0.7)
        person = {
            "user": f"u{number}" if is_known else None,
            "devices": [f"d{number}-{device}" for device in range(self.random.choice((1, 1, 2, 3)))],
            "email": f"p{number}@example.com",
            "phone": f"+4915100{number:05d}",
            "account": self.random.choice(self.accounts) if is_known and self.chance(0.5) else None,
            "first": self.day(START, START + days(self.random.choice((2, 30, 60)))),
            # From when on its further devices sign in: until then they are somebody else.
            "signs_in": self.day(),
            "eagerness": self.random.choice((0.05, 0.15, 0.4)),
        }
        if is_known and self.chance(0.8):
            self.make_contact(person, number)
        if self.chance(0.25):
            assigned = {"experiment_key": "checkout_button_2026_02", "unit_type": "customer",
                        "identifier_type": "anonymous_id", "identifier_value": person["devices"][0],
                        "arm_key": self.random.choice(("control", "green_button")),
                        "assigned_at": self.day(datetime.datetime(2026, 2, 2), datetime.datetime(2026, 2, 12))}
            self.tell(START if self.chance(0.9) else self.day(), "experiments/assignments", assigned)
        return person

    def make_contact(self, person: Row, number: int) -> None:
        created = self.day(person["first"])
        contact = {"contact_id": f"c{number}", "user_id": person["user"], "email": person["email"],
                   "first_name": f"F{number % 7}", "last_name": f"L{number}", "country_code": "DE",
                   "account_id": person["account"], "is_internal": self.chance(0.03), "created_at": created}
        person["contact"] = contact["contact_id"]
        self.tell(self.after(created, days(LATE_DAYS)), "crm/contacts", contact)
        if self.chance(0.5):
            changes = self.random.choice((
                {"phone": person["phone"]}, {"user_id": None}, {"account_id": self.random.choice(self.accounts)},
                # Shared with the person before: an address of a family.
                {"email": f"p{max(number - 1, 0)}@example.com"}, {"is_internal": True}, {"country_code": "FR"},
            ))
            changed = self.day(created)
            update = {**contact, **changes, "updated_at": changed}
            self.tell(self.after(changed, days(LATE_DAYS)), "crm/contacts", update)

    def share_identifiers(self) -> None:
        """Devices that more than one person uses: a tablet from the beginning, and logins at someone else's."""
        for _ in range(4):
            one, other = self.random.sample(self.people, 2)
            one["devices"].append(other["devices"][0])

    def ask_for_erasure(self) -> None:
        known = [person for person in self.people if person["user"]]
        # Of the eager ones some stand in the ledger.
        eager = sorted(known, key=lambda person: -person["eagerness"])[:len(known) // 2]
        asked = [("user_id", person["user"]) for person in self.random.sample(eager, 3)]
        asked += [("email", self.random.choice(known)["email"]), ("user_id", "nobody"), ("account_id", "a1")]
        asked += [("anonymous_id", self.random.choice(self.people)["devices"][-1]), self.random.choice(asked)]
        for kind, value in asked:
            requested = self.day(FIRST_RUN - days(5), END - days(10))
            row = {"request_id": self.number("r"), "identifier_type": kind, "identifier_value": value,
                   "requested_at": requested if self.chance(0.95) else None}
            self.tell(self.after(requested, days(5)), "privacy/erasure_requests", row)

    # ---- What happens ---------------------------------------------------------------------------------------------

    def live(self, person: Row) -> None:
        for number in range((END - START).days):
            at = START + days(number) + datetime.timedelta(seconds=self.random.randrange(86400))
            if at > person["first"] and self.chance(person["eagerness"]):
                self.visit(person, at)
        for number in range(self.random.randrange(1, 6)):
            # The first decision falls on one of the first visits, so that erasures find some.
            self.decide(person, self.day(person["first"], END if number else person["first"] + days(10)))
        for _ in range(self.random.randrange(6)):
            at = self.day(person["first"])
            touch = {"touch_id": self.number("t"), "campaign_id": self.random.choice(self.campaigns),
                     **self.identifier(person), "touched_at": at, "creative_key": "cart_reminder",
                     "touch_type": self.random.choice(("impression", "click", "send", "open", "would_be_impression"))}
            self.tell(self.after(at, days(LATE_DAYS)), "ads/touches", touch)
        if self.chance(0.8):
            at = self.day(person["first"])
            bought = {"provider": "panel", "party": "third", **self.identifier(person), "attribute_value": "high",
                      "attribute_name": "household_income_band", "observed_at": at, "legal_basis": "consent",
                      "expires_at": at + days(self.random.randrange(2, 60))}
            self.tell(self.after(at, days(LATE_DAYS)), "enrichment/attributes", bought)
        if self.chance(0.02):
            device, at = self.number("bot"), self.day(FIRST_RUN)
            for _ in range(510):
                self.event({"event_name": "page_viewed", "anonymous_id": device, "occurred_at": at, "page_url": "/"})

    def identifier(self, person: Row) -> Row:
        kinds = {"user_id": person["user"], "anonymous_id": person["devices"][0], "email": person["email"]}
        kind = self.random.choice([kind for kind, value in kinds.items() if value])
        return {"identifier_type": kind, "identifier_value": kinds[kind]}

    def decide(self, person: Row, at: datetime.datetime) -> None:
        purposes = ("email_marketing", "ad_personalisation", "analytics", "email_marketing")
        decision = {"consent_id": self.number("k"), **self.identifier(person), "recorded_at": at,
                    "purpose": self.random.choice(purposes),
                    "status": self.random.choice(("granted", "granted", "granted", "withdrawn"))}
        self.tell(self.after(at, days(LATE_DAYS)), "crm/consents", decision)

    def visit(self, person: Row, at: datetime.datetime) -> None:
        device = self.random.choice(person["devices"])
        signed_in = person["user"] and (at > person["signs_in"] or device == person["devices"][0])
        who = {"anonymous_id": device, "user_id": person["user"] if signed_in and self.chance(0.7) else None,
               "device_type": self.random.choice(("mobile", "desktop", None))}
        product = self.random.choice(self.products)
        bought = {"product_id": product, "page_url": f"/products/{product}"}
        prices = {**bought, "quantity": self.random.choice((1, 1, 2)), "currency_code": "USD",
                  "value_amount": round(self.random.uniform(5, 120), 2)}
        for _ in range(self.random.choice((1, 2, 3))):
            acts = [
                {"event_name": "page_viewed", "page_url": self.random.choice(PAGES)},
                {"event_name": "product_viewed", **bought},
                {"event_name": "product_added", **prices},
                {"event_name": self.random.choice(("product_removed", "checkout_started")), **bought},
                {"event_name": "content_viewed", "content_id": "x", "page_url": "/blog/one"},
                {"event_name": self.random.choice(("form_submitted", "unheard_of", "products_searched"))},
            ]
            if person["account"]:
                acts += 2 * [{"event_name": "advanced_feature_used"}] + [{"event_name": "feature_used"}]
            at += datetime.timedelta(seconds=self.random.randrange(600))
            self.event({**who, **self.random.choice(acts), "occurred_at": at})
        if person["account"] and self.chance(0.03):
            self.event({**who, "event_name": "subscription_started", "occurred_at": at})
        if self.chance(0.2):
            self.order(person, who, at, product)

    def event(self, event: Row) -> None:
        occurred = event["occurred_at"]
        received = self.after(occurred, days(LATE_DAYS), usual=0.9)
        if self.chance(0.01):
            # The device's clock runs ahead, by less than is allowed.
            received = occurred - datetime.timedelta(hours=self.random.uniform(1, 20))
        if self.chance(0.03):
            received = None
        row = {"event_id": self.number("e"), **event, "received_at": received}
        self.deliver(row)
        if self.chance(0.07):
            self.deliver(self.again(row))
        if self.chance(0.04):
            self.tell(self.visible(row), "web/events", self.broken(row))

    def deliver(self, row: Row) -> None:
        self.tell(self.visible(row), "web/events", row)

    def visible(self, row: Row) -> datetime.datetime:
        known = row["received_at"] or row["occurred_at"]
        visible = self.after(known, WINDOW)
        if self.beyond and self.chance(0.05):
            visible = known + days(self.random.uniform(*BEYOND_DAYS))
        return visible

    def again(self, row: Row) -> Row:
        """The same event, delivered once more: later, earlier, at the same moment with other words, or unknown when."""
        received = row["received_at"] or row["occurred_at"]
        return {**row, **self.random.choice((
            {"received_at": received + days(self.random.uniform(0, 10))},
            {"received_at": received - datetime.timedelta(minutes=self.random.uniform(1, 60))},
            {"received_at": row["received_at"], "page_url": "/pricing"},
            {"received_at": None, "occurred_at": received},
            {},
        ))}

    def broken(self, row: Row) -> Row:
        """A row that is refused, under the key of an accepted one or one of its own."""
        known = row["received_at"] or row["occurred_at"]
        fault = self.random.choice((
            {"event_id": None}, {"event_id": " "}, {"event_name": None}, {"occurred_at": None},
            {"occurred_at": None, "received_at": None}, {"anonymous_id": "null", "user_id": None},
            {"occurred_at": datetime.datetime(1999, 1, 1), "received_at": known}, {"received_at": known + days(30000)},
            {"occurred_at": known + days(30000), "received_at": known},
            {"occurred_at": known + days(2), "received_at": known},
            {"quantity": -1}, {"value_amount": -5.0}, {"value_amount": 5.0, "currency_code": None},
            {"value_amount": 5.0, "currency_code": "XXX"},
        ))
        name = {} if "event_id" in fault or self.chance(0.5) else {"event_id": self.number("e")}
        return {**row, **name, **fault}

    def order(self, person: Row, who: Row, at: datetime.datetime, product: str) -> None:
        buyer = self.random.choice((
            {"user_id": who["user_id"], "anonymous_id": who["anonymous_id"]},
            {"email": person["email"]},
            {"email": person["email"], "anonymous_id": who["anonymous_id"]},
        ))
        order = {"order_id": self.number("o"), **buyer, "ordered_at": at, "order_status": "completed",
                 "order_amount": round(self.random.uniform(5, 300), 2),
                 "currency_code": self.random.choice(("USD", "EUR"))}
        visible = self.after(at, days(LATE_DAYS))
        self.tell(visible, "shop/orders", order)
        for number in (1, 2):
            line = {"order_id": order["order_id"], "line_number": number, "quantity": 1, "line_amount": 7.1 * number,
                    "product_id": product if number == 1 else self.random.choice(self.products)}
            # Some lines come before their order, which refuses them until then.
            self.tell(visible if self.chance(0.9) else self.after(at, days(LATE_DAYS)), "shop/order_lines", line)
        if self.chance(0.2):
            status = self.random.choice(("cancelled", "returned"))
            self.tell(self.day(visible, visible + days(14)), "shop/orders", {**order, "order_status": status})
        if self.chance(0.05):
            refused = self.random.choice(({"order_id": None}, {"currency_code": "XXX"}, {"ordered_at": None}))
            self.tell(visible, "shop/orders", {**order, **refused})

    # ---- Raw files ------------------------------------------------------------------------------------------------

    def load(self, raw: Path, until: datetime.datetime) -> int:
        """Write what has become visible before `until` and was not written yet, one file a table; how many rows."""
        new: dict[str, list[Row]] = {}
        first = self.told
        while self.told < len(self.facts) and self.facts[self.told][0] < until:
            _, table, row = self.facts[self.told]
            new.setdefault(table, []).append(row)
            self.told += 1
        self.loads += 1
        for table, rows in new.items():
            write(raw / table / f"load-{self.loads:03d}.parquet", table, rows)
            if self.chance(0.1):
                compact(raw / table, f"load-{self.loads:03d}.parquet")
        for table in SNAPSHOTS:
            current = {
                next(iter(row.values())): row
                for changed_at, name, row in sorted(self.versions, key=lambda version: version[0])
                if name == table and changed_at < until
            }
            write(raw / table / "current.parquet", table, list(current.values()))
        return self.told - first


def compact(folder: Path, name: str) -> None:
    """One file of all the table's files: which file a row stands in says nothing."""
    files = list(folder.glob("*.parquet"))
    with duckdb.connect() as connection:
        connection.execute(f"copy (from read_parquet('{folder}/*.parquet')) to '{folder}/all' (format parquet)")
    for file in files:
        file.unlink()
    (folder / "all").rename(folder / name)


def write(path: Path, table: str, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.with_suffix(".json")
    text.write_text("\n".join(json.dumps(row, default=str) for row in rows), encoding="utf-8")
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in contract.columns(table))
    with duckdb.connect() as connection:
        connection.execute(f"""
            copy (select * from read_json('{text}', format = 'newline_delimited', columns = {{{columns}}}))
            to '{path}' (format parquet)
        """)
    text.unlink()
