"""When two names are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.names import KEY_LENGTH, NAME_LENGTH, clean_name, name_key

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=NAME_LENGTH)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme", "  ACME "),
        ("Acme Corp", "acme \t corp"),
        ("Café", "Cafe\u0301"),  # composed and decomposed
        ("Straße", "STRASSE"),
        ("Acme", "\ufeffAcme\u200b"),
        ("Acme", "\u00a0Acme\u00a0"),
    ],
)
def test_the_same_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("Acme", "Acme2"), ("A B", "AB"), ("Café", "Cafe")])
def test_different_names(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_a_stored_name_keeps_its_case_and_inner_spaces() -> None:
    assert clean_name("  \u200bAcme  Corp ") == "Acme  Corp"


@given(TEXT)
def test_a_key_is_settled_and_fits(text: str) -> None:
    assert name_key(clean_name(text)) == name_key(text)
    assert name_key(name_key(text)) == name_key(text)
    assert len(name_key(text)) <= KEY_LENGTH
