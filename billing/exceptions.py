"""Refusals about money."""

from __future__ import annotations

from csplatform.exceptions import DomainError


class LedgerIsAppendOnly(DomainError):
    code = "ledger_is_append_only"
    message = "Movements of MRR are never changed or deleted. Post another one."
