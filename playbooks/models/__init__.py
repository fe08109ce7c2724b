"""The playbooks room's tables."""

from __future__ import annotations

from playbooks.models.playbook import Playbook, Step
from playbooks.models.run import PlaybookRun, RunStep

__all__ = ["Playbook", "PlaybookRun", "RunStep", "Step"]
