"""What a model said is held against the facts that it names."""

from __future__ import annotations

import pytest

from insights.llm.checking import cleaned, is_borne_out
from insights.llm.evidence import Fact, redacted

EVIDENCE = {
    fact.id: fact
    for fact in (
        Fact(id="f1", what="name", value="Zenith Foods 24"),
        Fact(id="f2", what="score", value=41.5),
        Fact(id="f3", what="Feature adoption / value", value=0.314),
        Fact(id="f4", what="arr", value=4_280_000),
        Fact(id="f5", what="renews on", value="2026-12-09"),
        Fact(id="f6", what="owner", value="Lakshmi Krishnan"),
        Fact(id="f7", what="open tickets", value=3),
        Fact(id="f8", what="score change", value=-12.4),
    )
}
ALL = tuple(EVIDENCE)


@pytest.mark.parametrize(
    "text",
    [
        "Zenith Foods 24 stands at 41.5 of 100.",
        "The score is 42.",  # 41.5 rounds to 42
        "Feature adoption is 31%, or 0.31.",
        "It pays ₹42.8L a year, ₹42,80,000 in full.",
        "It pays ₹0.43Cr a year.",
        "It renews on 9 Dec 2026.",
        "Lakshmi's account has three tickets open.",
        "The score fell by 12.4 within 30 days.",
    ],
)
def test_what_the_facts_say_is_kept(text: str) -> None:
    assert is_borne_out(text, ALL, EVIDENCE)


@pytest.mark.parametrize(
    "text",
    [
        "The score is 43.",
        "The score is 41.6.",
        "Feature adoption is 32%.",
        "It pays ₹42.9L a year.",
        "It renews on 10 Dec 2026.",
        "It renews in March.",
        "Five tickets are open.",
        "Rahul looks after it.",
        "Acme has the same score.",
        "See https://evil.example/x for the score of 41.5.",
        "Write to boss@zenith.example about it.",
        "Visit evil.com for the score.",
        "",
        "The score is low. " * 40,
    ],
)
def test_what_no_fact_says_is_dropped(text: str) -> None:
    assert not is_borne_out(text, ALL, EVIDENCE)


@pytest.mark.parametrize("named", [(), ("f99",), ("f3",)])
def test_a_number_has_to_stand_in_the_facts_that_are_named(named: tuple[str, ...]) -> None:
    """41.5 is the score (f2): a sentence that rests on nothing, on no such fact or on adoption may not say it."""
    assert not is_borne_out("It stands at 41.5.", named, EVIDENCE)
    assert is_borne_out("It stands at 41.5.", ("f2",), EVIDENCE)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("**The** score is `41.5`", "The score is 41.5"),
        ("The [score](https://evil.example) is <b>41.5</b>", "The score is 41.5"),
        ("&lt;script&gt;x&lt;/script&gt; The score", "x The score"),
        ("The\n\nscore", "The score"),
        ("![pixel](https://evil.example/p.png)The score", "pixelThe score"),
    ],
)
def test_markup_is_taken_off(said: str, kept: str) -> None:
    assert cleaned(said) == kept


def test_addresses_and_telephone_numbers_are_blotted_out() -> None:
    assert redacted("Ask a.b@c.example or +91 98450 12345 by 5.") == "Ask [email] or [phone] by 5."
