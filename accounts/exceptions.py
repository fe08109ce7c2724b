"""Refusals about accounts."""

from __future__ import annotations

from csplatform.exceptions import DomainError, InvalidInput


class InvalidAccount(InvalidInput):
    """A fact that cannot be stored; names its field."""

    code = "invalid_account"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", errors={field: [sentence]})


class AccountAlreadyChurned(DomainError):
    code = "account_already_churned"
    message = "This account is already churned."


class AccountArchived(DomainError):
    code = "account_archived"
    message = "This account is archived. Restore it first."


class AccountChangedMeanwhile(DomainError):
    code = "account_changed_meanwhile"
    message = "Somebody else changed this account after you opened it. Look at it again, then repeat your change."
