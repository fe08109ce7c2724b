"""The address somebody wants to sign in with from now on."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.forms import AddEmailForm
from allauth.account.models import EmailAddress
from django.http import HttpRequest

from csplatform.models import User


class NewAddressForm(AddEmailForm):
    """The login library's form, which would let a taken address through until it is confirmed."""

    def clean_email(self) -> str:
        email = str(super().clean_email())
        if User.objects.filter(email__iexact=email).exclude(pk=self.user.pk).exists():
            raise get_adapter().validation_error("email_taken")
        return email

    def save(self, request: HttpRequest) -> EmailAddress:
        """Keep the present address until the new one counts.

        The library takes an unconfirmed address for an earlier wish and drops it, from the login too. Whoever
        came without a link (a superuser, demo data) signs in with theirs, so it counts as confirmed.
        """
        present = self.user.email.lower()
        EmailAddress.objects.update_or_create(
            user=self.user, email=present, defaults={"verified": True, "primary": True}
        )
        return super().save(request)
