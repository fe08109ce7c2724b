"""How the login library behaves here: nobody signs up by themselves, mail leaves as jobs."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailConfirmationHMAC
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from csplatform.services.mail import send_mail_later
from csplatform.services.user import end_sessions

CONFIRMATION_SENT = "account/messages/email_confirmation_sent.txt"


class AccountAdapter(DefaultAccountAdapter):
    """People arrive by invitation or on the first-run page; allauth does the rest."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This e-mail address and password do not belong together.",
        "invalid_login": "This e-mail address and password do not belong together.",
        "too_many_login_attempts": "Too many wrong passwords. Wait a quarter of an hour, then try again.",
        "email_taken": "Another person signs in with this e-mail address already.",
        "incorrect_password": "This is not your current password.",
        "enter_current_password": "Type your current password.",
        "invalid_password_reset": "This link was used already or is too old. Ask for a new one.",
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Wrong passwords are counted by `csplatform.lockout`, in one place for all processes."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the mail: a slow mail server must neither hold the login page nor tell who exists."""
        message = self.render_mail(
            template_prefix,
            email,
            {"request": self.request, "email": email, "product": settings.PRODUCT_NAME, **context},
        )
        send_mail_later(to=email, subject=message.subject, body=str(message.body))

    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: EmailConfirmationHMAC, signup: bool
    ) -> None:
        """Ask for the new address to be confirmed; where no mail could bring the question, it counts at once."""
        if settings.EMAIL_IS_CONFIGURED:
            super().send_confirmation_mail(request, emailconfirmation, signup)
        else:
            emailconfirmation.confirm(request)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template != CONFIRMATION_SENT or settings.EMAIL_IS_CONFIGURED:
            super().add_message(request, level, message_template, *args, **kwargs)

    def logout(self, request: HttpRequest) -> None:
        """Signing out on one device signs out everywhere: the shared computer next door too."""
        if request.user.is_authenticated:
            end_sessions(user=request.user)
        super().logout(request)

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        user.set_password(password)
        user.save(update_fields=["password"])
