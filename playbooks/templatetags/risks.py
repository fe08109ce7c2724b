"""Risk factors on pages: their reason in words, their severity as a tone."""

from __future__ import annotations

from django import template

from health.risk_factors import FactorRow, describe_factor

register = template.Library()

SEVERITY_WORDS = {1: "Low", 2: "Medium", 3: "High"}


@register.filter
def reason(factor: FactorRow) -> str:
    """`24% of the features are used`: why the factor applies; empty where its name says it all."""
    return describe_factor(factor).partition(": ")[2]


@register.filter
def severity_word(severity: int) -> str:
    """A factor's severity, 1 to 3, as people read it."""
    return SEVERITY_WORDS[severity]
