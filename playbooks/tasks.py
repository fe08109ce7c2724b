"""The playbooks room's background work."""

from __future__ import annotations

from django.utils import timezone

from csplatform.formatting import counted
from csplatform.jobs import JobRun, job_handler, periodic
from playbooks.enums import JobKind


@job_handler(JobKind.EVALUATE_RULES)
def evaluate_rules(run: JobRun) -> None:
    """Look at every rule that is on, a transaction each. A second run finds nothing new for those already seen."""
    from csplatform.tenancy import organization_scope
    from playbooks.services.automation import Evaluated, evaluate_rule

    organization = run.organization
    with organization_scope(organization, write=False):
        keys = list(
            organization.automation_rules.filter(is_on=True, pk__gt=run.offset)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
    found: list[Evaluated] = []
    for done, key in enumerate(keys, start=1):
        run.check()
        with run.chunk(offset=key, done=done, total=len(keys), message="Looking at the rules"):
            rule = organization.automation_rules.select_related("organization").filter(pk=key).first()
            if rule is not None:
                found.append(evaluate_rule(rule=rule, now=timezone.now()))
    fired = sum(each.fired for each in found)
    run.finish(
        {
            "message": f"{counted(len(keys), 'rule')} looked at, {fired} acted.",
            "rules": len(keys),
            "fired": fired,
            "already": sum(each.already for each in found),
            "over_the_limit": sum(each.waiting for each in found),
        }
    )


periodic(JobKind.EVALUATE_RULES, hour=4)
