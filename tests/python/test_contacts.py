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
