"""Automation over the API: rules, what they would do, what they did, and the switch that stops them all."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import MemberField, NumberField
from accounts.enums import Segment
from csplatform.api.resources import FORMAT, ORDERING, ResourceViewSet, TenantListMixin
from csplatform.api.views import TenantAPIView, TenantGenericView
from csplatform.permissions import Action
from playbooks.api.runs import PlaybookKeyField
from playbooks.enums import OwnerRole, RuleAction, Trigger
from playbooks.models import AutomationHit, AutomationRule
from playbooks.models.automation import BANDS_UNDER, MOST_A_DAY, MOST_DAYS, RISKS, WORDS_LENGTH
from playbooks.querysets import AutomationHitQuerySet
from playbooks.rule_filter import HitFilter, RuleFilter
from playbooks.selectors.automation_stop import automation_stop
from playbooks.selectors.dry_run import dry_run
from playbooks.services.rule import (
    create_rule,
    delete_rule,
    resume_automation,
    stop_automation,
    switch_rule,
    update_rule,
)

MOST_LISTED = 1_000


class RuleSerializer(serializers.ModelSerializer[AutomationRule]):
    """A rule as it stands."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    owner_id = serializers.UUIDField(source="owner.uuid", read_only=True, allow_null=True, default=None)
    member_id = serializers.UUIDField(source="member.uuid", read_only=True, allow_null=True, default=None)
    playbook_id = serializers.UUIDField(source="playbook.uuid", read_only=True, allow_null=True, default=None)
    arr_from = NumberField(read_only=True, allow_null=True)
    arr_to = NumberField(read_only=True, allow_null=True)
    is_on = serializers.BooleanField(read_only=True)

    class Meta:
        model = AutomationRule
        fields = [
            "id",
            "name",
            "trigger",
            "band",
            "risk_factor",
            "days",
            "segment",
            "owner_id",
            "arr_from",
            "arr_to",
            "action",
            "playbook_id",
            "words",
            "due_in_days",
            "role",
            "member_id",
            "daily_limit",
            "is_on",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class RuleWriteSerializer(serializers.Serializer[Any]):
    """What may be written of a rule; band, risk factor and days count for the triggers that need them."""

    name = serializers.CharField(max_length=120)
    trigger = serializers.ChoiceField(Trigger.choices)
    band = serializers.ChoiceField(BANDS_UNDER, required=False, allow_blank=True)
    risk_factor = serializers.ChoiceField(RISKS, required=False, allow_blank=True)
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, required=False, allow_null=True)
    segment = serializers.ChoiceField(Segment.choices, required=False, allow_blank=True)
    owner_id = MemberField(source="owner", required=False, allow_null=True)
    arr_from = NumberField(required=False, allow_null=True, min_value=0)
    arr_to = NumberField(required=False, allow_null=True, min_value=0)
    action = serializers.ChoiceField(RuleAction.choices)
    playbook_id = PlaybookKeyField(source="playbook", required=False, allow_null=True)
    words = serializers.CharField(max_length=WORDS_LENGTH, required=False, allow_blank=True)
    due_in_days = serializers.IntegerField(min_value=0, max_value=MOST_DAYS, required=False)
    role = serializers.ChoiceField(OwnerRole.choices, required=False)
    member_id = MemberField(source="member", required=False, allow_null=True)
    daily_limit = serializers.IntegerField(min_value=1, max_value=MOST_A_DAY, required=False)


class SwitchSerializer(serializers.Serializer[Any]):
    """On or off; switched on, whether it acts for the accounts for which it holds already."""

    is_on = serializers.BooleanField()
    acts_on_present = serializers.BooleanField(required=False, default=False)


class DryRunAccountSerializer(serializers.Serializer[Any]):
    account_id = serializers.UUIDField()
    account_name = serializers.CharField()
    why = serializers.CharField()


class DryRunSerializer(serializers.Serializer[Any]):
    """What a rule would do with today's data; the accounts are at most the first thousand."""

    count = serializers.IntegerField()
    known = serializers.IntegerField(help_text="It holds for these too, and knows them already.")
    left_today = serializers.IntegerField(help_text="How many of them the daily limit leaves for today.")
    accounts = DryRunAccountSerializer(many=True)


class AutomationHitSerializer(serializers.ModelSerializer[AutomationHit]):
    """One thing that a rule did."""

    rule_id = serializers.UUIDField(source="rule.uuid", read_only=True)
    rule_name = serializers.CharField(source="rule.name", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    run_id = serializers.UUIDField(source="run.uuid", read_only=True, allow_null=True, default=None)
    follow_up_id = serializers.UUIDField(source="follow_up.uuid", read_only=True, allow_null=True, default=None)

    class Meta:
        model = AutomationHit
        fields = [
            "rule_id",
            "rule_name",
            "account_id",
            "account_name",
            "outcome",
            "why",
            "fired_at",
            "holds",
            "run_id",
            "follow_up_id",
        ]
        read_only_fields = fields


class AutomationSerializer(serializers.Serializer[Any]):
    """Whether all rules are stopped."""

    is_stopped = serializers.BooleanField()
    stopped_at = serializers.DateTimeField(read_only=True, allow_null=True)


@extend_schema_view(
    create=extend_schema(request=RuleWriteSerializer, responses={201: RuleSerializer}),
    update=extend_schema(request=RuleWriteSerializer, responses=RuleSerializer),
)
class AutomationRuleViewSet(ResourceViewSet):
    """Rules that act by themselves: once an account and episode, so many times a day. A new one is off."""

    queryset = AutomationRule.objects.none()
    serializer_class = RuleSerializer
    write_serializer_class = RuleWriteSerializer
    write_permission = Action.EDIT_PLAYBOOKS
    filter_set = RuleFilter
    default_ordering = ("name", "pk")
    ordering_fields = {"name": "name", "created_at": "created_at", "updated_at": "updated_at"}
    csv_columns = RuleSerializer.Meta.fields
    csv_name = "automation-rules"

    def get_queryset(self) -> Any:
        return self.organization.automation_rules.select_related("owner", "member", "playbook", "organization")

    def perform_create(self, facts: dict[str, Any]) -> AutomationRule:
        return create_rule(organization=self.organization, by=self.member.user, **facts)

    def perform_update(self, row: AutomationRule, facts: dict[str, Any]) -> AutomationRule:
        return update_rule(rule=row, by=self.member.user, **facts)

    def perform_destroy(self, row: AutomationRule) -> None:
        delete_rule(rule=row, by=self.member.user)

    @extend_schema(request=SwitchSerializer, responses=RuleSerializer)
    def switch(self, request: Request, uuid: str) -> Response:
        """Switch it on or off; 409 where what it starts is gone."""
        rule = self.locked_object(request)
        body = SwitchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(switch_rule(rule=rule, by=self.member.user, now=timezone.now(), **body.validated_data))

    @extend_schema(responses=DryRunSerializer)
    def dry_run(self, request: Request, uuid: str) -> Response:
        """What it would do now with today's data; nothing is written."""
        found = dry_run(self.get_object(), now=timezone.now())
        shown = found.would_fire[:MOST_LISTED]
        names = self.organization.accounts.in_bulk([key for key, _ in shown])
        accounts = [
            {"account_id": names[key].uuid, "account_name": names[key].name, "why": why} for key, why in shown
        ]
        answer = {
            "count": len(found.would_fire),
            "known": found.known,
            "left_today": found.left_today,
            "accounts": accounts,
        }
        return Response(DryRunSerializer(answer).data)


class AutomationLogView(TenantListMixin, TenantGenericView):
    """What rules did, the newest first."""

    queryset = AutomationHit.objects.none()
    serializer_class = AutomationHitSerializer
    filter_set = HitFilter
    default_ordering = ("-fired_at", "-pk")
    ordering_fields = {"fired_at": "fired_at"}
    csv_columns = AutomationHitSerializer.Meta.fields
    csv_name = "automation-log"

    def get_queryset(self) -> AutomationHitQuerySet:
        hits: AutomationHitQuerySet = self.organization.automation_hits.for_list()
        return hits

    @extend_schema(parameters=[ORDERING, FORMAT])
    def get(self, request: Request) -> HttpResponseBase:
        return self.list_response(self.get_queryset())


class AutomationView(TenantAPIView):
    """The switch over all rules."""

    write_permission = Action.EDIT_PLAYBOOKS

    @extend_schema(responses=AutomationSerializer)
    def get(self, request: Request) -> Response:
        return self._shown()

    @extend_schema(request=AutomationSerializer, responses=AutomationSerializer)
    def put(self, request: Request) -> Response:
        """Stop every rule at once, or let them go on."""
        body = AutomationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        with transaction.atomic():
            if body.validated_data["is_stopped"]:
                stop_automation(organization=self.organization, by=self.member.user, now=timezone.now())
            else:
                resume_automation(organization=self.organization, by=self.member.user)
        return self._shown()

    def _shown(self) -> Response:
        stop = automation_stop(self.organization)
        answer = {"is_stopped": stop is not None, "stopped_at": stop.stopped_at if stop else None}
        return Response(AutomationSerializer(answer).data)
