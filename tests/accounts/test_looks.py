"""Our own pages draw the catalogue's signs; what an organisation chose itself is printed."""

from __future__ import annotations

from accounts.catalogue import CATALOGUE
from accounts.templatetags.looks import activity_symbol, product_symbol
from scripts.fetch_assets import ICONS


def test_every_sign_of_the_catalogue_is_drawn() -> None:
    for product in CATALOGUE:
        assert product.symbol in ICONS
        assert f"#{product.symbol}" in product_symbol(product.icon)


def test_a_sign_of_somebodys_own_is_printed_as_text() -> None:
    assert product_symbol("🦊") == '<span aria-hidden="true">🦊</span>'
    assert product_symbol("<b>") == '<span aria-hidden="true">&lt;b&gt;</span>'


def test_what_happened_has_a_sign_too() -> None:
    assert "#phone" in activity_symbol("call")
    assert "#activity" in activity_symbol("weather")
