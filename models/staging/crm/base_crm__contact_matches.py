"""Pairs of CRM contacts that are probably one person although they need not share an identifier (Splink on DuckDB).

Names, e-mail addresses, telephone numbers and postal codes are compared in a DuckDB in memory that may not spill to
disk and is gone when the model returns; what is written is two contact_ids and two figures a pair. The draw has a seed,
and whatever depends on the order of rows runs on one thread, so the same contacts give the same rows.
benchmarks/bench_matching.py and the tests call find_matches as it stands here: dbt runs this file alone, without a way
to import from the project, so everything that decides a match is in it.
"""

import logging
import traceback

# Less probable pairs are not written; the variable match_probability_threshold asks for at least as much.
LOWEST_PROBABILITY = 0.5

# Below this many contacts too few pairs agree by chance to count how often that happens.
FEWEST_TO_ESTIMATE = 500
PAIRS_TO_ESTIMATE = 999_999
SEED = 1

# A value that more contacts share than this (info@, a switchboard) brings up no pairs: the pairs to compare grow with
# the contacts, not with their square.
MOST_PER_KEY = 100

# Of the pairs of one person this share agrees in e-mail, phone, or both names and postal code; and there is at least one
# pair of one person for so many contacts.
SHARE_IN_PLAIN_SIGHT = 0.8
MOST_CONTACTS_PER_PAIR = 100


def model(dbt, session):
    dbt.config(materialized="table")
    # DuckDB finds the two by their names here.
    raw_contacts, checked_contacts = dbt.source("crm", "contacts"), dbt.ref("base_crm__checked_contacts")  # noqa: F841
    as_of, prior = dbt.config.meta_get("as_of"), dbt.config.meta_get("prior_probability")
    limit = f"timestamp '{as_of}'" if as_of else "timestamp 'infinity'"
    problem, notices = "", []
    try:
        contacts = session.sql(CONTACTS.format(limit=limit)).to_arrow_table()
        matches, notices = find_matches(contacts, float(prior or 0))
    except ImportError:
        problem = (
            "Variable probabilistic_matching is true, and Splink is not installed beside dbt. `make matching` "
            "installs it, as does `pip install --no-deps -r requirements-matching.txt`."
        )
    except Exception as error:
        # An engine's message may quote the value that it stumbled over, and dbt would log it.
        last = traceback.extract_tb(error.__traceback__)[-1]
        problem = (
            f"Matching the contacts failed with {type(error).__name__} in {last.name}, line {last.lineno}; the "
            "message is withheld, since it could quote a contact."
        )
    if problem:
        matches = session.sql(NO_MATCHES)
    # The model's post-hook stops the run with it.
    session.execute("set variable matching_problem = '" + problem + "'")
    for notice in notices:
        say(f"notice: contact matching: {notice}")
    return matches


def say(line):
    """Say it where dbt says what it does."""
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.functions import fire_event
    from dbt_common.events.types import Note

    fire_event(Note(msg=line), level=EventLevel.INFO)


# One row per contact that stands on its own, also of people who asked to be erased: whoever is probably the same person
# goes with them, and then base_privacy__tombstones takes both out of the matches. Ids are cleaned as clean_id() does it
# (macros/project/contacts.sql). Of copies the one that changed last counts, of those with the same times any will do:
# the first in text order.
CONTACTS = r"""
with

typed as (
    select
        case
            when contact_id like '%@%' then sha256(lower(trim(contact_id)))
            else nullif(trim(contact_id), '')
        end as contact_id,
        created_at,
        updated_at,
        lower(trim(first_name)) as first_name,
        lower(trim(last_name)) as last_name,
        lower(trim(email)) as email,
        lower(trim(phone)) as phone
    from raw_contacts
)

select distinct on (typed.contact_id)
    typed.contact_id,
    typed.first_name,
    typed.last_name,
    typed.email,
    typed.phone,
    checked_contacts.email_hash,
    checked_contacts.phone_hash,
    checked_contacts.postal_code
from typed
inner join checked_contacts
    on typed.contact_id = checked_contacts.contact_id
    and typed.created_at = checked_contacts.created_at
    and typed.updated_at is not distinct from checked_contacts.updated_at
where checked_contacts.reason is null and typed.created_at < {limit}
order by
    typed.contact_id,
    coalesce(typed.updated_at, typed.created_at) desc,
    typed.created_at,
    typed.email, typed.phone, typed.first_name, typed.last_name
"""

# Without accents and punctuation. What came as a hash stays one: it can be equal to another hash and nothing else. What
# begins with $ is put in by prepare().
NAME = r"""
    case
        when regexp_full_match($name, '[0-9a-f]{64}') then $name
        else nullif(
            regexp_replace(strip_accents(replace($name, 'ß', 'ss')), '[^\p{L}\p{M}\p{N}]', '', 'g'), ''
        )
    end
"""
COMPARABLE = r"""
with

cleaned as (
    select
        contact_id,
        $first_name as first_name,
        $last_name as last_name,
        email_hash as email,
        case
            when email <> email_hash
                then nullif(regexp_replace(regexp_extract(email, '^[^@+]+'), '[^\p{L}\p{N}]', '', 'g'), '')
        end as mailbox,
        phone_hash as phone,
        -- The end of the number, with or without a country code in front.
        case
            when not regexp_full_match(phone, '[0-9a-f]{64}')
                then right(regexp_replace(phone, '[^0-9]', '', 'g'), 8)
        end as phone_end,
        nullif(regexp_replace(upper(postal_code), '[^\p{L}\p{N}]', '', 'g'), '') as postal_code
    from contacts
)

select
    * replace (
        -- Too short to tell people apart, or one digit again and again to get past a form.
        case
            when length(phone_end) >= 6 and phone_end <> repeat(right(phone_end, 1), length(phone_end))
                then phone_end
        end as phone_end
    ),
    -- DuckDB measures similarity in bytes, which says little outside of ASCII: other scripts can only be equal.
    case when regexp_full_match(first_name, '[a-z0-9]{1,63}') then first_name end as first_name_ascii,
    case when regexp_full_match(last_name, '[a-z0-9]{1,63}') then last_name end as last_name_ascii,
    case when regexp_full_match(mailbox, '[a-z0-9]+') then mailbox end as mailbox_ascii
from cleaned
"""

# Two contacts are compared where they agree in one of these.
KEYS = {
    "email": "email",
    "mailbox": "mailbox",
    "phone": "phone",
    "phone_end": "phone_end",
    "names_in_any_order": "least(first_name, last_name) || ' ' || greatest(first_name, last_name)",
    "names_begin": "left(first_name, 3) || ' ' || left(last_name, 3)",
    "first_name_at_place": "first_name || ' ' || postal_code",
    "last_name_at_place": "last_name || ' ' || postal_code",
    "first_name_begins_at_place": "left(first_name, 2) || ' ' || postal_code",
    "last_name_begins_at_place": "left(last_name, 2) || ' ' || postal_code",
}

# Each field's levels, of which the first that holds counts: its condition, how often it holds between two contacts of
# one person (m) and of two people (u), and the column whose rare values say more than its frequent ones.
# m is how people and clerks mistype, after labelled records (docs/decisions/0011), and stays as it stands here; u
# depends on how many people are called the same, and is estimated from the contacts where there are enough of them.
NOTHING_TO_COMPARE, ANYTHING_ELSE = None, "else"
LEVELS = {
    name: [
        (
            f"{name}_l is null or {name}_r is null or (length({name}_l) = 64) <> (length({name}_r) = 64)",
            NOTHING_TO_COMPARE,
        ),
        (f"{name}_l = {name}_r", 0.65, 0.0035, name),
        (
            f"levenshtein({name}_ascii_l, {name}_ascii_r) <= 2"
            f" and damerau_levenshtein({name}_ascii_l, {name}_ascii_r) <= 1",
            0.15, 0.001,
        ),
        (f"jaro_winkler_similarity({name}_ascii_l, {name}_ascii_r) >= 0.8", 0.02, 0.005),
        ("first_name_l = last_name_r or last_name_l = first_name_r", 0.05, 0.0007),
        (ANYTHING_ELSE, 0.13, 0.9898),
    ]
    for name in ("first_name", "last_name")
} | {
    "email": [
        ("(email_l is null or email_r is null) and (mailbox_l is null or mailbox_r is null)", NOTHING_TO_COMPARE),
        ("email_l = email_r", 0.45, 0.0002),
        ("mailbox_l = mailbox_r", 0.15, 0.0004, "mailbox"),
        ("jaro_winkler_similarity(mailbox_ascii_l, mailbox_ascii_r) >= 0.88", 0.2, 0.002),
        (ANYTHING_ELSE, 0.2, 0.9974),
    ],
    "phone": [
        ("(phone_l is null or phone_r is null) and (phone_end_l is null or phone_end_r is null)", NOTHING_TO_COMPARE),
        ("phone_l = phone_r or phone_end_l = phone_end_r", 0.8, 0.0002),
        ("levenshtein(phone_end_l, phone_end_r) <= 1", 0.04, 0.00005),
        ("levenshtein(phone_end_l, phone_end_r) <= 2", 0.04, 0.0003),
        (ANYTHING_ELSE, 0.12, 0.99945),
    ],
    "postal_code": [
        ("postal_code_l is null or postal_code_r is null", NOTHING_TO_COMPARE),
        ("postal_code_l = postal_code_r", 0.75, 0.0013),
        ("levenshtein(postal_code_l, postal_code_r) <= 1", 0.08, 0.012),
        ("levenshtein(postal_code_l, postal_code_r) <= 2", 0.1, 0.1),
        (ANYTHING_ELSE, 0.07, 0.8867),
    ],
}


def level_settings(condition, m, u=None, rare_values_of=None, *, with_frequencies):
    """One level as Splink takes it."""
    level = {"sql_condition": condition, "label_for_charts": condition}
    if m is NOTHING_TO_COMPARE:
        return level | {"is_null_level": True}
    level |= {"m_probability": m, "u_probability": u}
    if rare_values_of and with_frequencies:
        level |= {"tf_adjustment_column": rare_values_of}
    return level


def settings(prior, with_frequencies):
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "contact_id",
        "probability_two_random_records_match": prior,
        "comparisons": [
            {
                "output_column_name": field,
                "comparison_levels": [level_settings(*level, with_frequencies=with_frequencies) for level in levels],
            }
            for field, levels in LEVELS.items()
        ],
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": f"l.{name}_key = r.{name}_key"} for name in KEYS
        ],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
    }


def prepare(memory, contacts):
    """Table `prepared`: a contact's comparable values and its keys. Returns how many contacts there are."""
    comparable = COMPARABLE
    for name in ("first_name", "last_name"):
        comparable = comparable.replace(f"${name}", NAME.replace("$name", name))
    keys = ", ".join(f"{key} as {name}_key" for name, key in KEYS.items())
    rare_keys = ", ".join(
        f"case when count(*) over (partition by {name}_key) <= {MOST_PER_KEY} then {name}_key end as {name}_key"
        for name in KEYS
    )
    memory.register("contacts", contacts)
    memory.execute(f"""
        create table prepared as
        with comparable as ({comparable}),
        keyed as (select *, {keys} from comparable)
        select * replace ({rare_keys}) from keyed order by contact_id
    """)
    return memory.execute("select count(*) from prepared").fetchall()[0][0]


def estimated_prior(memory, count):
    """The probability that two contacts drawn at random are one person. Few contacts say little about it: they count as
    the fewest that do, and a first name with a postal code is not yet a person."""
    if count < FEWEST_TO_ESTIMATE:
        return 2 / (MOST_CONTACTS_PER_PAIR * (FEWEST_TO_ESTIMATE - 1))
    agreeing = " union ".join(
        f"select l.contact_id, r.contact_id from prepared as l inner join prepared as r"
        f" on l.{key}_key = r.{key}_key and {more} where l.contact_id < r.contact_id"
        for key, more in (
            ("email", "true"), ("phone", "true"), ("last_name_at_place", "l.first_name = r.first_name")
        )
    )
    seen = memory.execute(f"select count(*) from ({agreeing})").fetchall()[0][0]
    expected = max(seen / SHARE_IN_PLAIN_SIGHT, count / MOST_CONTACTS_PER_PAIR)
    return min(expected / (count * (count - 1) / 2), 0.5)


NO_MATCHES = """
    select
        null::varchar as left_contact_id, null::varchar as right_contact_id,
        null::double as match_weight, null::double as match_probability
    where false
"""


def find_matches(contacts, prior=0.0):
    """Pairs of contacts that are probably one person, and in words what was not as usual.

    contacts: an Arrow table with the columns of CONTACTS. prior: the probability that two contacts drawn at random are
    one person, 0 to estimate it. Returns an Arrow table left_contact_id, right_contact_id (the greater one in text
    order), match_weight, match_probability, in the order of the ids.
    """
    import duckdb
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.CRITICAL)
    notices = []
    # No folder to spill to: what is compared stays in memory. The optimizers: see profiles.yml.example.
    config = {"temp_directory": "", "disabled_optimizers": "build_side_probe_side,outer_join_simplification"}
    with duckdb.connect(":memory:", config=config) as memory:
        threads = memory.execute("select current_setting('threads')").fetchall()[0][0]
        memory.execute("set threads = 1")
        count = prepare(memory, contacts)
        if count < 2:
            return memory.sql(NO_MATCHES).to_arrow_table(), notices
        has_enough = count >= FEWEST_TO_ESTIMATE
        api = DuckDBAPI(memory)
        linker = Linker(
            api.register("prepared"),
            settings(prior or estimated_prior(memory, count), has_enough),
            log_level=None,
        )
        if has_enough:
            linker.training.estimate_u_using_random_sampling(
                max_pairs=PAIRS_TO_ESTIMATE, seed=SEED, min_count_per_level=None, num_chunks=1
            )
        else:
            notices.append(
                f"{count} contacts are too few to estimate how often two people agree by chance (at least "
                f"{FEWEST_TO_ESTIMATE}); the model's own figures stand in, and frequent names count like rare ones"
            )
        # Each pair is computed from its own values alone from here on, so its figures do not depend on the order.
        memory.execute(f"set threads = {threads}")
        pairs = linker.inference.predict(threshold_match_probability=LOWEST_PROBABILITY)
        return memory.sql(f"""
            select
                least(contact_id_l, contact_id_r) as left_contact_id,
                greatest(contact_id_l, contact_id_r) as right_contact_id,
                round(match_weight, 4) as match_weight,
                round(match_probability, 6) as match_probability
            from {pairs.physical_name}
            order by left_contact_id, right_contact_id
        """).to_arrow_table(), notices
