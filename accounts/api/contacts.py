"""Contacts over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from accounts.api.fields import AccountField
from accounts.contact_filter import ContactFilter
from accounts.enums import ContactRole
from accounts.models import Account, Contact
from accounts.models.contact import PHONE_LENGTH
from accounts.names import NAME_LENGTH
from accounts.permissions import require_editable
from accounts.querysets import ContactQuerySet
from accounts.services.contact import create_contact, delete_contact, update_contact
from csplatform.api.fields import NullableTextField
from csplatform.api.resources import ResourceViewSet
from csplatform.permissions import Action


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """A contact as it stands; what is not known is null."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    email = NullableTextField()
    phone = NullableTextField()
    title = NullableTextField()
    role = NullableTextField()

    class Meta:
        model = Contact
        fields = [
            "id",
            "account_id",
            "account_name",
            "name",
            "email",
            "phone",
            "title",
            "role",
            "is_primary",
            "left_on",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class ContactWriteSerializer(serializers.Serializer[Any]):
    """What may be written of a contact. It stays with its account: `account_id` is for new ones."""

    account_id = AccountField(source="account")
    name = serializers.CharField(max_length=NAME_LENGTH)
    email = NullableTextField(max_length=254)
    phone = NullableTextField(max_length=PHONE_LENGTH)
    title = NullableTextField(max_length=NAME_LENGTH)
    role = NullableTextField(choices=ContactRole.values)
    is_primary = serializers.BooleanField(
        required=False, help_text="Whom to call first. Whoever was it until now no longer is."
    )
    left_on = serializers.DateField(
        required=False, allow_null=True, help_text="The first day without them; null where they are there."
    )

    def validate_account_id(self, account: Account) -> Account:
        if isinstance(self.instance, Contact) and self.instance.account_id != account.pk:
            raise serializers.ValidationError("A contact stays with its account. Add them to the other one.")
        return account


@extend_schema_view(
    create=extend_schema(request=ContactWriteSerializer, responses={201: ContactSerializer}),
    update=extend_schema(request=ContactWriteSerializer, responses=ContactSerializer),
)
class ContactViewSet(ResourceViewSet):
    """The people at accounts. Who has left is marked by `left_on`; DELETE is for rows made by mistake."""

    queryset = Contact.objects.none()
    serializer_class = ContactSerializer
    write_serializer_class = ContactWriteSerializer
    write_permission = Action.EDIT_OWN_ACCOUNTS
    lookup_value_converter = "uuid"
    filter_set = ContactFilter
    ordering_fields = {
        "name": "name",
        "email": "email",
        "role": "role",
        "account_name": "account__name_key",
        "left_on": "left_on",
        "created_at": "created_at",
        "updated_at": "updated_at",
    }
    csv_columns = ContactSerializer.Meta.fields
    csv_name = "contacts"

    def get_queryset(self) -> ContactQuerySet:
        contacts: ContactQuerySet = self.organization.contacts.for_list()
        return contacts

    def perform_create(self, facts: dict[str, Any]) -> Contact:
        require_editable(self.member, facts["account"])
        return create_contact(by=self.member.user, **facts)

    def perform_update(self, row: Contact, facts: dict[str, Any]) -> Contact:
        require_editable(self.member, row.account)
        facts.pop("account", None)
        return update_contact(contact=row, by=self.member.user, **facts)

    def perform_destroy(self, row: Contact) -> None:
        require_editable(self.member, row.account)
        delete_contact(contact=row, by=self.member.user)
