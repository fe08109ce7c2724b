"""Answers about playbooks."""
