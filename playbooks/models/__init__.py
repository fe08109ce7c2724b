"""The playbooks room's tables."""

from __future__ import annotations

from playbooks.models.playbook import Playbook, Step

__all__ = ["Playbook", "Step"]
