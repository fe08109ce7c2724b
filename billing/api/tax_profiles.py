"""Tax profiles over the API: the organisation's own, and each account's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import MemberField
from accounts.models import Account
from billing.enums import CustomerType, FilingFrequency, Treatment, TurnoverBand
from billing.models import CustomerTaxProfile, TaxProfile
from billing.models.tax_profile import LONGEST_TERMS_DAYS
from billing.services.invoice import customer_profile, default_tax_profile
from billing.services.tax_profile import save_customer_tax_profile, save_tax_profile
from csplatform.api.fields import NullableTextField
from csplatform.api.resources import IF_MATCH, StaleWrite, etag_of
from csplatform.api.views import TenantAPIView
from csplatform.permissions import Action


class TaxProfileSerializer(serializers.ModelSerializer[TaxProfile]):
    """The registration under which the organisation invoices."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    lut_number = NullableTextField()

    class Meta:
        model = TaxProfile
        fields = [
            "id",
            "gstin",
            "legal_name",
            "address",
            "state_code",
            "state_name",
            "lut_number",
            "lut_valid_from",
            "lut_valid_to",
            "turnover_band",
            "filing_frequency",
            "filed_periods",
            "rounds_off",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class TaxProfileWriteSerializer(serializers.Serializer[Any]):
    gstin = serializers.CharField(max_length=30)
    legal_name = serializers.CharField(max_length=200)
    address = serializers.CharField(max_length=500)
    state_code = serializers.CharField(max_length=2, required=False, help_text="Follows from the GSTIN.")
    lut_number = NullableTextField(max_length=40)
    lut_valid_from = serializers.DateField(required=False, allow_null=True)
    lut_valid_to = serializers.DateField(required=False, allow_null=True)
    turnover_band = serializers.ChoiceField(TurnoverBand.choices, required=False)
    filing_frequency = serializers.ChoiceField(FilingFrequency.choices, required=False)
    filed_periods = serializers.ListField(
        child=serializers.CharField(max_length=7),
        required=False,
        max_length=400,
        help_text="Months whose GSTR-1 is filed, such as 2026-10; quarters by their last month.",
    )
    rounds_off = serializers.BooleanField(required=False)


class CustomerTaxProfileSerializer(serializers.ModelSerializer[CustomerTaxProfile]):
    """How an account is billed."""

    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    gstin = NullableTextField()
    pan = NullableTextField()
    legal_name = NullableTextField()
    address = NullableTextField()
    state_code = NullableTextField()
    customer_type = NullableTextField()
    tds_rate = serializers.SerializerMethodField()
    owner_id = serializers.UUIDField(source="owner.uuid", read_only=True, allow_null=True, default=None)

    class Meta:
        model = CustomerTaxProfile
        fields = [
            "account_id",
            "treatment",
            "gstin",
            "pan",
            "legal_name",
            "address",
            "state_code",
            "country",
            "customer_type",
            "payment_terms_days",
            "tds_rate",
            "currency",
            "owner_id",
            "updated_at",
        ]
        read_only_fields = fields

    def get_tds_rate(self, profile: CustomerTaxProfile) -> float:
        return float(profile.tds_rate)


class CustomerTaxProfileWriteSerializer(serializers.Serializer[Any]):
    treatment = serializers.ChoiceField(Treatment.choices, required=False)
    gstin = NullableTextField(max_length=30)
    pan = NullableTextField(max_length=20)
    legal_name = NullableTextField(max_length=200)
    address = NullableTextField(max_length=500)
    state_code = NullableTextField(max_length=2)
    country = serializers.CharField(min_length=2, max_length=2, required=False)
    customer_type = NullableTextField(choices=CustomerType.values)
    payment_terms_days = serializers.IntegerField(min_value=0, max_value=LONGEST_TERMS_DAYS, required=False)
    tds_rate = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100), required=False
    )
    currency = serializers.CharField(min_length=3, max_length=3, required=False)
    owner_id = MemberField(
        source="owner", required=False, allow_null=True, help_text="Who looks after its invoices: the billing owner."
    )


class TaxProfileView(TenantAPIView):
    """The default GSTIN's; 404 until it is written for the first time."""

    write_permission = Action.WRITE_BILLING

    @extend_schema(responses=TaxProfileSerializer)
    def get(self, request: Request) -> Response:
        profile = default_tax_profile(self.organization)
        if profile is None:
            raise Http404("This organisation has no tax profile yet. Finance writes it with PUT.")
        return _answer(TaxProfileSerializer(profile))

    @extend_schema(request=TaxProfileWriteSerializer, responses=TaxProfileSerializer, parameters=[IF_MATCH])
    def put(self, request: Request) -> Response:
        profile = default_tax_profile(self.organization)
        _refuse_stale(request, profile)
        body = TaxProfileWriteSerializer(data=request.data, partial=profile is not None)
        body.is_valid(raise_exception=True)
        saved = save_tax_profile(organization=self.organization, by=self.member.user, **body.validated_data)
        return _answer(TaxProfileSerializer(saved))


class CustomerTaxProfileView(TenantAPIView):
    """An account's: unregistered, with the usual terms, until something else is written."""

    write_permission = Action.WRITE_BILLING

    def account(self, key: str) -> Account:
        account: Account | None = self.organization.accounts.with_key(key).first()
        if account is None:
            raise Http404
        return account

    @extend_schema(responses=CustomerTaxProfileSerializer)
    def get(self, request: Request, key: str) -> Response:
        return _answer(CustomerTaxProfileSerializer(customer_profile(self.account(key))))

    @extend_schema(
        request=CustomerTaxProfileWriteSerializer, responses=CustomerTaxProfileSerializer, parameters=[IF_MATCH]
    )
    def put(self, request: Request, key: str) -> Response:
        account = self.account(key)
        _refuse_stale(request, customer_profile(account))
        body = CustomerTaxProfileWriteSerializer(data=request.data, context={"organization": self.organization})
        body.is_valid(raise_exception=True)
        saved = save_customer_tax_profile(account=account, by=self.member.user, **body.validated_data)
        return _answer(CustomerTaxProfileSerializer(saved))


def _answer(serializer: serializers.BaseSerializer[Any]) -> Response:
    response = Response(serializer.data)
    if serializer.instance is not None and serializer.instance.pk:
        response["ETag"] = etag_of(serializer.instance)
    return response


def _refuse_stale(request: Request, profile: TaxProfile | CustomerTaxProfile | None) -> None:
    held = request.headers.get("If-Match", "")
    if held and held != "*" and (profile is None or not profile.pk or held.strip() != etag_of(profile)):
        raise StaleWrite
