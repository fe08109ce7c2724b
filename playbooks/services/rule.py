"""Writing automation rules, switching them, and stopping them all."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from csplatform.models import Organization, User
from playbooks.enums import WITH_DAYS, OwnerRole, RuleAction, Trigger
from playbooks.exceptions import InvalidRule, RuleCannotAct
from playbooks.models import AutomationRule, AutomationStop, Playbook
from playbooks.services.automation import pass_over


class RuleFacts(TypedDict, total=False):
    """What may be written of a rule; what is left out stays."""

    name: str
    trigger: str
    band: str
    risk_factor: str
    days: int | None
    segment: str
    owner: User | None
    arr_from: Decimal | None
    arr_to: Decimal | None
    action: str
    playbook: Playbook | None
    words: str
    due_in_days: int
    role: str
    member: User | None
    daily_limit: int


@transaction.atomic
def create_rule(*, organization: Organization, by: User | None, **facts: Unpack[RuleFacts]) -> AutomationRule:
    """Write a rule down; it is off until somebody switches it on."""
    return _write(AutomationRule(organization=organization), facts, by=by)


@transaction.atomic
def update_rule(*, rule: AutomationRule, by: User | None, **facts: Unpack[RuleFacts]) -> AutomationRule:
    """Change a rule; it counts from the next look on. What it has done for an account it does not do again."""
    return _write(_held(rule), facts, by=by)


@transaction.atomic
def switch_rule(
    *, rule: AutomationRule, is_on: bool, by: User | None, now: datetime, acts_on_present: bool = False
) -> AutomationRule:
    """On or off. Switched on it acts on what comes, and on what holds already only where that is asked for."""
    stored = _held(rule)
    if is_on and not stored.can_act:
        raise RuleCannotAct
    if stored.is_on == is_on:
        return stored
    stored.is_on = is_on
    stored._history_user = by
    stored.save()
    if is_on and not acts_on_present:
        pass_over(rule=stored, now=now)
    return stored


@transaction.atomic
def delete_rule(*, rule: AutomationRule, by: User | None) -> None:
    """With its log; what it has started stays."""
    stored = _held(rule)
    stored._history_user = by
    stored.delete()


@transaction.atomic
def stop_automation(*, organization: Organization, by: User | None, now: datetime) -> None:
    """No rule does anything any more, until they are let go on."""
    if not AutomationStop.objects.filter(organization=organization).exists():
        stop = AutomationStop(organization=organization, stopped_at=now, stopped_by=by)
        stop._history_user = by
        stop.save()


@transaction.atomic
def resume_automation(*, organization: Organization, by: User | None) -> None:
    for stop in AutomationStop.objects.filter(organization=organization):
        stop._history_user = by
        stop.delete()


def _held(rule: AutomationRule) -> AutomationRule:
    stored: AutomationRule = rule.organization.automation_rules.select_for_update(no_key=True, of=("self",)).get(
        pk=rule.pk
    )
    return stored


def _write(rule: AutomationRule, facts: RuleFacts, *, by: User | None) -> AutomationRule:
    for name, value in facts.items():
        setattr(rule, name, value.strip() if isinstance(value, str) else value)
    _forget_what_does_not_count(rule)
    _refuse_what_cannot_be(rule)
    rule._history_user = by
    rule.save()
    return rule


def _forget_what_does_not_count(rule: AutomationRule) -> None:
    if rule.trigger != Trigger.BAND:
        rule.band = ""
    if rule.trigger != Trigger.RISK_FACTOR:
        rule.risk_factor = ""
    if rule.trigger not in WITH_DAYS:
        rule.days = None
    if rule.action != RuleAction.START_PLAYBOOK:
        rule.playbook = None
    if rule.role != OwnerRole.MEMBER:
        rule.member = None


def _refuse_what_cannot_be(rule: AutomationRule) -> None:
    organization = rule.organization
    needs: tuple[tuple[str, Any, str], ...] = (
        ("name", rule.name, "Give it a name."),
        ("band", rule.trigger != Trigger.BAND or rule.band, "Choose the band."),
        ("risk_factor", rule.trigger != Trigger.RISK_FACTOR or rule.risk_factor, "Choose the risk factor."),
        ("days", rule.trigger not in WITH_DAYS or rule.days, "Say how many days."),
        ("playbook", rule.action != RuleAction.START_PLAYBOOK or rule.playbook, "Choose the playbook."),
        ("words", rule.action == RuleAction.START_PLAYBOOK or rule.words, "Say what the follow-up or news is about."),
        ("member", rule.role != OwnerRole.MEMBER or rule.member, "Say which person."),
    )
    for field, is_there, sentence in needs:
        if not is_there:
            raise InvalidRule(field, sentence)
    if rule.arr_from is not None and rule.arr_to is not None and rule.arr_to < rule.arr_from:
        raise InvalidRule("arr_to", "It must not be less than where the range begins.")
    for field in ("owner", "member"):
        person = getattr(rule, field)
        if person is not None and not organization.memberships.active().filter(user=person).exists():
            raise InvalidRule(field, "Choose an active member.")
    others = organization.automation_rules.filter(name=rule.name).exclude(pk=rule.pk)
    if others.exists():
        raise InvalidRule("name", "There is a rule of this name already.")
    try:
        rule.clean_fields(exclude=["organization", "owner", "member", "playbook"])
    except ValidationError as error:
        name, sentences = next(iter(error.message_dict.items()))
        raise InvalidRule(name, sentences[0]) from error
