"""Playbooks: what to do about a risk, and which of them fits an account today."""
