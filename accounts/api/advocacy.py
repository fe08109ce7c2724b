"""Referrals and testimonials over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers

from accounts.advocacy_filter import ReferralFilter, TestimonialFilter
from accounts.api.fields import AccountField, NumberField
from accounts.enums import ReferralStatus, TestimonialStatus
from accounts.models import Contact, Referral, Testimonial
from accounts.permissions import require_editable
from accounts.querysets import ReferralQuerySet, TestimonialQuerySet
from accounts.services.advocacy import (
    create_referral,
    create_testimonial,
    delete_referral,
    delete_testimonial,
    update_referral,
    update_testimonial,
)
from csplatform.api.resources import ResourceViewSet
from csplatform.permissions import Action


@extend_schema_field(
    {"type": "string", "format": "uuid", "nullable": True, "description": "A contact of the account."}
)
class ContactOfAccountField(serializers.Field[Any, Any, Any, Any]):
    """A contact of the organisation, by id; needs `organization` in the serializer's context."""

    default_error_messages = {"unknown": "There is no such contact."}

    def to_internal_value(self, data: Any) -> Contact:
        try:
            found: Contact | None = self.context["organization"].contacts.filter(uuid=UUID(str(data))).first()
        except ValueError:
            self.fail("unknown")
        if found is None:
            self.fail("unknown")
        return found

    def to_representation(self, value: Contact) -> str:
        return str(value.uuid)


class ReferralSerializer(serializers.ModelSerializer[Referral]):
    """A company that a customer named."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    referrer_account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    referrer = serializers.CharField(source="account.name", read_only=True)
    potential_mrr = NumberField(read_only=True)

    class Meta:
        model = Referral
        fields = [
            "id",
            "referrer_account_id",
            "referrer",
            "referred_company",
            "contact_name",
            "contact_email",
            "status",
            "potential_mrr",
            "opened_on",
            "closed_on",
            "note",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class ReferralWriteSerializer(serializers.Serializer[Any]):
    """What may be written of a referral."""

    referrer_account_id = AccountField(source="account")
    referred_company = serializers.CharField(max_length=255)
    contact_name = serializers.CharField(max_length=255, required=False, allow_blank=True)
    contact_email = serializers.EmailField(required=False, allow_blank=True)
    status = serializers.ChoiceField(ReferralStatus.choices, required=False)
    potential_mrr = NumberField(required=False, min_value=0)
    opened_on = serializers.DateField(required=False)
    note = serializers.CharField(max_length=5_000, required=False, allow_blank=True)


@extend_schema_view(
    create=extend_schema(request=ReferralWriteSerializer, responses={201: ReferralSerializer}),
    update=extend_schema(request=ReferralWriteSerializer, responses=ReferralSerializer),
)
class ReferralViewSet(ResourceViewSet):
    """Companies that customers named, newest first."""

    queryset = Referral.objects.none()
    serializer_class = ReferralSerializer
    write_serializer_class = ReferralWriteSerializer
    write_permission = Action.EDIT_OWN_ACCOUNTS
    lookup_value_converter = "uuid"
    filter_set = ReferralFilter
    ordering_fields = {
        "opened_on": "opened_on",
        "referred_company": "referred_company",
        "referrer": "account__name_key",
        "status": "status",
        "potential_mrr": "potential_mrr",
        "updated_at": "updated_at",
    }
    csv_columns = ReferralSerializer.Meta.fields
    csv_name = "referrals"

    def get_queryset(self) -> ReferralQuerySet:
        referrals: ReferralQuerySet = self.organization.referrals.for_list()
        return referrals

    def perform_create(self, facts: dict[str, Any]) -> Referral:
        require_editable(self.member, facts["account"])
        return create_referral(organization=self.organization, by=self.member.user, **facts)

    def perform_update(self, row: Referral, facts: dict[str, Any]) -> Referral:
        require_editable(self.member, row.account)
        if "account" in facts:
            require_editable(self.member, facts["account"])
        return update_referral(referral=row, by=self.member.user, **facts)

    def perform_destroy(self, row: Referral) -> None:
        require_editable(self.member, row.account)
        delete_referral(referral=row, by=self.member.user)


class TestimonialSerializer(serializers.ModelSerializer[Testimonial]):
    """A customer's words."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    contact_id = serializers.UUIDField(source="contact.uuid", read_only=True, allow_null=True, default=None)
    contact_name = serializers.CharField(source="contact.name", read_only=True, allow_null=True, default=None)
    consent = serializers.BooleanField(source="has_consent", read_only=True)

    class Meta:
        model = Testimonial
        fields = [
            "id",
            "account_id",
            "account_name",
            "contact_id",
            "contact_name",
            "quote",
            "note",
            "consent",
            "status",
            "published_on",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class TestimonialWriteSerializer(serializers.Serializer[Any]):
    """What may be written of a testimonial. Without consent it is not published (409)."""

    account_id = AccountField(source="account")
    contact_id = ContactOfAccountField(source="contact", required=False, allow_null=True)
    quote = serializers.CharField(max_length=2_000)
    note = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    consent = serializers.BooleanField(source="has_consent", required=False)
    status = serializers.ChoiceField(TestimonialStatus.choices, required=False)


@extend_schema_view(
    create=extend_schema(request=TestimonialWriteSerializer, responses={201: TestimonialSerializer}),
    update=extend_schema(request=TestimonialWriteSerializer, responses=TestimonialSerializer),
)
class TestimonialViewSet(ResourceViewSet):
    """Customers' words, newest first."""

    queryset = Testimonial.objects.none()
    serializer_class = TestimonialSerializer
    write_serializer_class = TestimonialWriteSerializer
    write_permission = Action.EDIT_OWN_ACCOUNTS
    lookup_value_converter = "uuid"
    filter_set = TestimonialFilter
    ordering_fields = {
        "created_at": "created_at",
        "updated_at": "updated_at",
        "account_name": "account__name_key",
        "status": "status",
    }
    csv_columns = TestimonialSerializer.Meta.fields
    csv_name = "testimonials"

    def get_queryset(self) -> TestimonialQuerySet:
        testimonials: TestimonialQuerySet = self.organization.testimonials.for_list()
        return testimonials

    def perform_create(self, facts: dict[str, Any]) -> Testimonial:
        require_editable(self.member, facts["account"])
        return create_testimonial(organization=self.organization, by=self.member.user, **facts)

    def perform_update(self, row: Testimonial, facts: dict[str, Any]) -> Testimonial:
        require_editable(self.member, row.account)
        if "account" in facts:
            require_editable(self.member, facts["account"])
        return update_testimonial(testimonial=row, by=self.member.user, **facts)

    def perform_destroy(self, row: Testimonial) -> None:
        require_editable(self.member, row.account)
        delete_testimonial(testimonial=row, by=self.member.user)
