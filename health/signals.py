"""News from health for the rooms to its right."""

from __future__ import annotations

from django.dispatch import Signal

health_looked_at = Signal()
"""Scores, risks and alerts of an organisation are up to date again: ``organization``.

Sent by the job that follows every recompute and import, inside its transaction: who does something about them only
orders a job of its own.
"""
