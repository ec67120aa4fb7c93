"""What identifies a person: which spellings are one, which look-alikes are two, and what is no identifier at all."""

import hashlib
import unicodedata

import pytest
from sql_macros import MacroLibrary, evaluate

MACROS = MacroLibrary("macros/project/contacts.sql", "macros/engine/functions.sql")

PLACEHOLDERS = [
    "null", "NULL", " None ", "nan", "NaN", "na", "N/A", "nil", "undefined", "unknown", "Anonymous", "nobody", "test",
    "(not set)", "[object Object]", "0", "000", "-", "00000000-0000-0000-0000-000000000000", "", "   ",
]  # fmt: skip
CYRILLIC_A = "\N{CYRILLIC SMALL LETTER A}"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def each(macro, values):
    return evaluate(getattr(MACROS, macro)("given"), {"given": values}, {"given": "varchar"})


def test_a_placeholder_is_no_id():
    assert each("clean_id", PLACEHOLDERS) == [None] * len(PLACEHOLDERS)


@pytest.mark.parametrize(
    "word", ["10", "0a", "u-0", "nullable", "testa", "None2", "00000000-0000-0000-0000-000000000001"]
)
def test_an_id_that_only_resembles_a_placeholder_stays(word):
    assert each("clean_id", [word, f" {word} "]) == [word, word]


def test_an_id_that_is_an_address_is_its_hash():
    values = ["Ann@Shop.example ", "null@shop.example", "000@shop.example", "noreply@shop.example"]
    values += ["[Object object]@shop.example", "nullable@shop.example"]
    assert each("clean_id", values) == [sha256("ann@shop.example"), None, None, None, None, sha256(values[-1])]
    assert each("hash_email", values) == each("clean_id", values)


def test_what_is_longer_than_512_characters_is_no_identifier():
    longest = "x" * 512
    assert each("clean_id", [longest, longest + "x", "x" * 10_000, "y@" + "x" * 510, "y@" + "x" * 511]) == [
        longest, None, None, sha256("y@" + "x" * 510), None,
    ]  # fmt: skip
    assert each("hash_email", ["y@" + "x" * 510, "y@" + "x" * 511]) == [sha256("y@" + "x" * 510), None]
    assert each("hash_phone", ["+49" + "1" * 10_000]) == [None]


def test_composed_and_decomposed_accents_are_one_address():
    composed = "andré@shop.example"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    assert each("hash_email", [composed, decomposed, decomposed.upper()]) == [sha256(composed)] * 3
    assert each("hash_name", ["André", unicodedata.normalize("NFD", "ANDRÉ")]) == [sha256("andré")] * 2


def test_a_look_alike_is_another_address_and_is_seen():
    real, look_alike = "anna@shop.example", f"{CYRILLIC_A}nna@shop.example"
    hashes = each("hash_email", [real, look_alike])
    assert hashes == [sha256(real), sha256(look_alike)] and hashes[0] != hashes[1]
    mixed = {
        real: False,
        look_alike: True,
        look_alike.upper(): True,
        f"anna@sh{CYRILLIC_A}p.example": True,
        "\N{GREEK SMALL LETTER OMICRON}tto@shop.example": True,
        "\N{FULLWIDTH LATIN SMALL LETTER A}nna@shop.example": True,
        # A name in one script, or a domain in another than the name, is somebody's address.
        "анна@shop.example": False,
        "анна@магазин.example": False,
        "anna@магазин.example": False,
        "andré@shop.example": False,
        sha256("x"): False,
    }
    assert each("has_mixed_scripts", [*mixed, None]) == [*mixed.values(), False]


def test_a_full_width_at_sign_makes_no_address():
    values = ["anna\N{FULLWIDTH COMMERCIAL AT}shop.example", "anna", "a@b@c", "@", "a @b"]
    assert each("hash_email", values) == [None] * 5


def test_a_national_number_is_no_identifier():
    """Without its country it would be several people's; which zero falls away differs from country to country."""
    values = ["030 1234567", "(030) 1234567", "1234567", "+49 30 1234567", "0049 (0)30/123-4567", "+49 30 0000000"]
    same = sha256("+49301234567")
    assert each("hash_phone", values) == [None, None, None, same, same, None]
    full_width_digits = "+49\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}345678"
    assert each("hash_phone", [full_width_digits]) == [None]


# --- By the rules of the ad platforms -------------------------------------------------------------------------------

PLATFORMS = MacroLibrary("macros/project/*.sql", "macros/engine/functions.sql")


def at_platform(macro, values):
    return evaluate(getattr(PLATFORMS, macro)("given"), {"given": values}, {"given": "varchar"})


# Inputs and results of Google's own library for its Data Manager API, FormatterTest of google/data-manager-php-util, and
# the example of https://developers.google.com/data-manager/api/devguides/concepts/formatting for what follows a plus.
GOOGLE_EMAILS = {
    "alexz@example.com": "509e933019bb285a134a9334b8bb679dff79d0ce023d529af4bd744d47b4fd8a",
    "QuinnY@EXAMPLE.com": sha256("quinny@example.com"),
    "Jefferson.Loves.hiking@gmail.com": sha256("jeffersonloveshiking@gmail.com"),
    "Jefferson.LOVES.Hiking@googlemail.com": sha256("jeffersonloveshiking@googlemail.com"),
    "cloudy.sanfrancisco+shopping@gmail.com": sha256("cloudysanfrancisco@gmail.com"),
    "user.name+NYC@Example.com": sha256("user.name+nyc@example.com"),
    " ...@gmail.com": None,
    " @googlemail.com": None,
    "quinn": None,
}
GOOGLE_PHONES = {
    "+1 800-555-0100": "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30",
    "+44-113-496-0987": sha256("+441134960987"),
    # Google's library takes any digits for a number with its country; here one without stays unknown.
    "1 800 555 0100": None,
}
GOOGLE_NAMES = {
    "Givenname": "128a07bfe2df877c52076e60d7774cf5baaa046c5a6c48daf30ff43ecca2f814",
    "Familyname": "77762c287e61ce065bee5c15464012c6fbe088398b8057627d5577249430d574",
    "Quinn-Alex": sha256("quinn-alex"),
    " Anna  Maria ": sha256("annamaria"),
}
# The examples of https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters
META_EMAILS = {"John_Smith@gmail.com": "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"}
META_PHONES = {
    "+1 (650) 555-1212": "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
    "001 650 555 1212": "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
    "(650)555-1212": None,
}
META_NAMES = {
    "Mary": "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec",
    "정": "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14",
    "Valéry": "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c",
    " O'Neil-Smith Jr. ": sha256("oneilsmith jr"),
    "...": None,
}


@pytest.mark.parametrize(("macro", "examples"), [
    ("google_email_hash", GOOGLE_EMAILS),
    ("hash_phone", GOOGLE_PHONES),
    ("google_name_hash", GOOGLE_NAMES),
    ("hash_email", META_EMAILS),
    ("meta_phone_hash", META_PHONES),
    ("meta_name_hash", META_NAMES),
])  # fmt: skip
def test_published_examples(macro, examples):
    assert dict(zip(examples, at_platform(macro, [*examples]), strict=True)) == examples


def test_dots_stay_at_meta_and_fall_away_at_google_alone():
    dotted = "a.b@gmail.com"
    assert at_platform("hash_email", [dotted]) == [sha256(dotted)]
    assert at_platform("google_email_hash", [dotted]) == [sha256("ab@gmail.com")]
    others = ["a.b@mail.gmail.com", "a.b@gmail.com.example", "a.b@notgmail.com", "a.b@gmail.co"]
    assert at_platform("google_email_hash", others) == [sha256(one) for one in others]


@pytest.mark.parametrize(
    "macro", ["google_email_hash", "hash_phone", "google_name_hash", "meta_phone_hash", "meta_name_hash", "meta_country_hash"]
)
def test_what_is_hashed_already_passes_through(macro):
    known = sha256("a.b@gmail.com")
    assert at_platform(macro, [known, f" {known.upper()} ", None, " "]) == [known, known, None, None]


@pytest.mark.parametrize("macro", ["hash_email", "google_email_hash"])
def test_an_address_with_spaces_is_none_and_one_of_a_unicode_domain_is_what_it_is(macro):
    """No platform says how it writes such a domain: it is composed and in lower case, as any other."""
    given = ["ann @shop.example", "ann@shop .example", "ann@gmail .com", " Ann@Bücher.example ", "ann@BU\u0308CHER.example"]
    unicode_domain = sha256("ann@bücher.example")
    assert at_platform(macro, given) == [None, None, None, unicode_domain, unicode_domain]


# It stands in Meta's own examples.
SHA256_OF_US = "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"


def test_country_and_postal_code_as_meta_hashes_them():
    codes = ["US", "DE", "USA", "us", None]
    assert evaluate(PLATFORMS.meta_country_hash("given"), {"given": codes}, {"given": "varchar"}) == [
        SHA256_OF_US, sha256("de"), None, SHA256_OF_US, None,
    ]  # fmt: skip
    known = sha256("10115").upper()
    codes, countries = ["94035-1234", "M1 1AE", "10115", "94035", "94035-1", known, " "], ["US", "GB", "DE", None, " us", "DE", "DE"]
    columns = {"code": codes, "country": countries}
    assert evaluate(
        PLATFORMS.meta_postal_code_hash("code", "country"), columns, {"code": "varchar", "country": "varchar"}
    ) == [sha256("94035"), sha256("m11ae"), sha256("10115"), sha256("94035"), sha256("94035"), sha256("10115"), None]
