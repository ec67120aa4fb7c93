"""The columns and types of the input contract, in its order: what the generator writes."""

TYPES = {
    "text": "varchar",
    "timestamp": "timestamp",
    "bigint": "bigint",
    "double": "double",
    "boolean": "boolean",
    "date": "date",
}

TABLES = {
    "web/events": (
        "event_id text, event_name text, occurred_at timestamp, received_at timestamp, anonymous_id text, "
        "user_id text, "
        "page_url text, referrer_url text, search_query text, product_id text, content_id text, campaign_id text, "
        "device_type text, quantity bigint, value_amount double, currency_code text, properties text"
    ),
    "crm/contacts": (
        "contact_id text, user_id text, email text, phone text, first_name text, last_name text, postal_code text, "
        "country_code text, account_id text, lifecycle_stage text, is_internal boolean, created_at timestamp, "
        "updated_at timestamp"
    ),
    "crm/accounts": (
        "account_id text, account_name text, plan text, trial_started_at timestamp, trial_ends_at timestamp, "
        "converted_at timestamp, created_at timestamp"
    ),
    "crm/consents": (
        "consent_id text, identifier_type text, identifier_value text, purpose text, status text, "
        "recorded_at timestamp, source text"
    ),
    "shop/products": (
        "product_id text, product_name text, category text, subcategory text, list_price double, currency_code text"
    ),
    "shop/orders": (
        "order_id text, user_id text, email text, anonymous_id text, ordered_at timestamp, order_status text, "
        "order_amount double, currency_code text"
    ),
    "shop/order_lines": (
        "order_id text, line_number bigint, product_id text, quantity bigint, line_amount double"
    ),
    "ads/campaigns": (
        "campaign_id text, campaign_name text, platform text, segment_id text, experiment_key text"
    ),
    "ads/daily_delivery": (
        "campaign_id text, delivery_date date, impressions bigint, clicks bigint, spend_amount double, "
        "currency_code text, platform_conversions double"
    ),
    "ads/touches": (
        "touch_id text, campaign_id text, creative_key text, identifier_type text, identifier_value text, "
        "touch_type text, touched_at timestamp"
    ),
    "experiments/assignments": (
        "experiment_key text, unit_type text, identifier_type text, identifier_value text, arm_key text, "
        "assigned_at timestamp"
    ),
    "privacy/erasure_requests": (
        "request_id text, identifier_type text, identifier_value text, requested_at timestamp"
    ),
    "activation/uploads": (
        "upload_id text, batch_id text, destination_key text, segment_id text, status text, row_count bigint, "
        "reported_at timestamp"
    ),
    "enrichment/attributes": (
        "provider text, party text, identifier_type text, identifier_value text, attribute_name text, "
        "attribute_value text, observed_at timestamp, expires_at timestamp, legal_basis text"
    ),
}


def columns(table: str) -> list[tuple[str, str]]:
    """(name, DuckDB type) of each column of a table such as 'web/events'."""
    pairs = [column.split() for column in TABLES[table].split(", ")]
    return [(name, TYPES[word]) for name, word in pairs]
