"""Which words the model is asked with."""

from __future__ import annotations

PROMPT_VERSION = "2026-12-1"
"""Raised with every change of the prompts or of what is sent: answers to older ones are not used again."""
