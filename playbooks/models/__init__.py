"""The playbooks room's tables."""

from __future__ import annotations

from playbooks.models.automation import AutomationHit, AutomationRule, AutomationStop
from playbooks.models.playbook import Playbook, Step
from playbooks.models.run import PlaybookRun, RunStep

__all__ = ["AutomationHit", "AutomationRule", "AutomationStop", "Playbook", "PlaybookRun", "RunStep", "Step"]
