"""Signs for products and for what happened, as pages draw them."""

from __future__ import annotations

from django import template
from django.utils.html import format_html

from accounts.catalogue import SYMBOLS
from accounts.selectors.timeline import ICONS
from csplatform.templatetags.shell import icon

register = template.Library()


@register.filter
def product_symbol(sign: str) -> str:
    """A product's sign, drawn where it is one of the catalogue's: `{{ product.icon|product_symbol }}`."""
    symbol = SYMBOLS.get(sign)
    return icon(symbol) if symbol else format_html('<span aria-hidden="true">{}</span>', sign)


@register.filter
def activity_symbol(kind: str) -> str:
    """The sign of what happened, by its kind: `{{ line.kind|activity_symbol }}`."""
    return icon(ICONS.get(kind, "activity"))
