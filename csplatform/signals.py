"""News for rooms to the right of the platform; their `receivers.py` listen."""

from __future__ import annotations

from django.dispatch import Signal

organization_created = Signal()
"""Sent with `organization`, inside the transaction that made it: rooms copy their built-in scorecards, playbooks."""

member_deactivated = Signal()
"""Sent with `member`, `successor` (a Membership or None) and `by`, inside the transaction: rooms hand work over."""
