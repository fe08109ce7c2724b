"""GST returns over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.fields import AmountField
from billing.selectors.gstr1 import gstr1, period_named
from csplatform import periods
from csplatform.api.views import TenantAPIView
from csplatform.periods import PeriodError, parse_date

PERIOD = OpenApiParameter("period", str, description="A month, such as 2026-10; this one unless given.")


class AmountsSerializer(serializers.Serializer[Any]):
    taxable = AmountField()
    cgst = AmountField()
    sgst = AmountField()
    igst = AmountField()


class Gstr1RowSerializer(AmountsSerializer):
    section = serializers.CharField()
    document = serializers.ChoiceField([("invoice", "Invoice"), ("credit_note", "Credit note")])
    number = serializers.CharField()
    date = serializers.DateField()
    customer = serializers.CharField()
    gstin = serializers.CharField(allow_blank=True)
    place_of_supply = serializers.CharField()
    total = AmountField()


class NotReadySerializer(serializers.Serializer[Any]):
    document = serializers.CharField()
    number = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField(), source="flaws")


class Gstr1Serializer(serializers.Serializer[Any]):
    """Rows by section; notes are negative."""

    period = serializers.CharField(source="period.name")
    from_date = serializers.DateField(source="period.window.start")
    to_date = serializers.DateField(source="period.window.end")
    due_on = serializers.DateField(source="period.gstr1_due_on")
    is_filed = serializers.BooleanField()
    sections = serializers.SerializerMethodField()
    sums = AmountsSerializer()
    not_ready = NotReadySerializer(many=True)

    def get_sections(self, found: Any) -> dict[str, Any]:
        return {
            section: {
                "rows": Gstr1RowSerializer([row for row in found.rows if row.section == section], many=True).data,
                "sums": AmountsSerializer(sums).data,
            }
            for section, sums in found.by_section.items()
        }


class Gstr1View(TenantAPIView):
    """What a month's (or quarter's) GSTR-1 lists, its sums, and what is not ready and why."""

    @extend_schema(parameters=[PERIOD], responses=Gstr1Serializer)
    def get(self, request: Request) -> Response:
        text = request.query_params.get("period", "")
        try:
            month = parse_date(f"{text}-01", parameter="period") if text else periods.today(self.organization)
        except PeriodError:
            raise PeriodError("period", f"“{text[:40]}” is not a month; write it as YYYY-MM.") from None
        return Response(Gstr1Serializer(gstr1(self.organization, period_named(self.organization, month))).data)
