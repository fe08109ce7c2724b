"""Is automation stopped, since when, and by whom?"""

from __future__ import annotations

from csplatform.models import Organization
from playbooks.models import AutomationStop


def automation_stop(organization: Organization) -> AutomationStop | None:
    """The organisation's stop, while there is one."""
    return AutomationStop.objects.filter(organization=organization).select_related("stopped_by").first()
