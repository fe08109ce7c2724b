"""The day's ranked list over the API."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import AccountScope
from csplatform.api.pagination import ListPagination
from csplatform.api.query import read_query
from csplatform.api.views import TenantGenericView
from csplatform.money import round2
from insights.selectors.today.ranking import TodayRow, day_list, with_accounts
from insights.selectors.today.scope import DayScope


class TodayQuerySerializer(serializers.Serializer[Any]):
    """Whose day."""

    user = serializers.ChoiceField(
        AccountScope.choices,
        default=AccountScope.MY_ACCOUNTS.value,
        error_messages={"invalid_choice": f"takes {', '.join(AccountScope.values)}."},
        help_text="The caller's accounts and tasks, their teams', or everybody's.",
    )


class TodayAccountSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uuid")
    number = serializers.IntegerField()
    name = serializers.CharField()
    owner = serializers.SerializerMethodField(help_text="The name of who looks after it, if anybody.")

    def get_owner(self, account: Any) -> str | None:
        return account.owner.display_name if account.owner else None


class TodayRowSerializer(serializers.Serializer[TodayRow]):
    """An account that asks for somebody, with all its reasons."""

    account = TodayAccountSerializer()
    reason = serializers.SerializerMethodField(help_text="The strongest reason.")
    why_now = serializers.SerializerMethodField(help_text="Every reason in words, the strongest first.")
    kinds = serializers.SerializerMethodField(help_text="The kind of each reason, in the same order.")
    mrr = serializers.SerializerMethodField()
    churn_risk = serializers.IntegerField(source="attention.churn_risk")
    mrr_at_risk = serializers.SerializerMethodField(help_text="MRR × churn risk / 100.")
    urgency = serializers.IntegerField(
        source="attention.urgency", help_text="3 overdue or due today, 2 within seven days, 1 otherwise."
    )
    attention_value = serializers.SerializerMethodField(
        help_text="MRR at risk × urgency: what the list is ordered by; equal values by `due_at`."
    )
    next_step = serializers.CharField()
    next_step_at = serializers.DateTimeField(source="next_at", allow_null=True)
    due_at = serializers.DateTimeField(source="attention.due_at", allow_null=True)
    follow_up_id = serializers.UUIDField(source="follow_up.uuid", allow_null=True, default=None)

    def get_reason(self, row: TodayRow) -> str:
        return row.reasons[0].text

    def get_why_now(self, row: TodayRow) -> list[str]:
        return [reason.text for reason in row.reasons]

    def get_kinds(self, row: TodayRow) -> list[str]:
        return [reason.kind.value for reason in row.reasons]

    def get_mrr(self, row: TodayRow) -> float:
        return float(round2(row.attention.mrr))

    def get_mrr_at_risk(self, row: TodayRow) -> float:
        return float(round2(row.attention.mrr_at_risk))

    def get_attention_value(self, row: TodayRow) -> float:
        return float(round2(row.attention.value))


class TodayListView(TenantGenericView):
    """Who needs somebody today, why, and what is next: the most MRR at risk × urgency first.

    Accounts that the caller put off are left out."""

    serializer_class = TodayRowSerializer
    pagination_class = ListPagination

    @extend_schema(operation_id="today", parameters=[TodayQuerySerializer], responses=TodayRowSerializer(many=True))
    def get(self, request: Request) -> Response:
        asked = read_query(request, TodayQuerySerializer)
        scope = DayScope(member=self.member, scope=asked["user"], now=timezone.now())
        page = self.paginate_queryset(day_list(scope).rows) or []
        rows: Any = with_accounts(scope, page)
        return self.get_paginated_response(TodayRowSerializer(rows, many=True).data)
