"""Ways of turning facts into words: rules now, behind the protocol a language model can implement."""

from __future__ import annotations

from insights.writers.base import Writer
from insights.writers.rules import RulesWriter


def default_writer() -> Writer:
    """The writer that is used where none is named."""
    return RulesWriter()
