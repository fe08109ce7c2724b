"""Refusals about accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csplatform.exceptions import DomainError, InvalidInput

if TYPE_CHECKING:
    from accounts.models import Account


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


class AccountMerged(DomainError):
    code = "account_merged"
    message = "This account was merged into another one, which has its metrics and movements. It stays archived."


class MergeRefused(DomainError):
    code = "merge_refused"


class InvalidEngagement(InvalidInput):
    """A fact of an engagement that cannot be stored; names its field."""

    code = "invalid_engagement"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", errors={field: [sentence]})


class InvalidAttachment(InvalidInput):
    """A file that may not be attached."""

    code = "invalid_attachment"

    def __init__(self, sentence: str) -> None:
        super().__init__(f"file: {sentence}", errors={"file": [sentence]})


class EngagementStateForbids(DomainError):
    code = "engagement_state_forbids"


class EngagementChangedMeanwhile(DomainError):
    code = "engagement_changed_meanwhile"
    message = "Somebody else changed this engagement after you opened it. Look at it again, then repeat your change."


class InvalidFollowUp(InvalidInput):
    """A fact of a follow-up that cannot be stored; names its field."""

    code = "invalid_follow_up"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", errors={field: [sentence]})


class FollowUpAlreadyDone(DomainError):
    code = "follow_up_already_done"
    message = "This follow-up is done already."


class FollowUpNotDone(DomainError):
    code = "follow_up_not_done"
    message = "This follow-up is not done."


class FollowUpChangedMeanwhile(DomainError):
    code = "follow_up_changed_meanwhile"
    message = "Somebody else changed this follow-up after you opened it. Look at it again, then repeat your change."


class AccountMoved(Exception):
    """An address means an account that was merged; `to` is the one to look at instead."""

    def __init__(self, *, account: Account, to: Account) -> None:
        super().__init__(f"{account} was merged into {to}.")
        self.account, self.to = account, to


class InvalidContact(InvalidInput):
    """A fact about a contact that cannot be stored; names its field."""

    code = "invalid_contact"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", errors={field: [sentence]})


class ContactChangedMeanwhile(DomainError):
    code = "contact_changed_meanwhile"
    message = "Somebody else changed this contact after you opened it. Look at it again, then repeat your change."


class InvalidTicket(InvalidInput):
    """A fact about a ticket that cannot be; names its field."""

    code = "invalid_ticket"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", errors={field: [sentence]})


class BulkNotAllowed(DomainError):
    """A bulk action that is not the role's to do."""

    code = "bulk_not_allowed"
    status = 403


class BulkRefused(DomainError):
    """A bulk change that cannot be taken back, or not twice."""

    code = "bulk_refused"


class InvalidGoal(InvalidInput):
    """A fact about a goal that cannot be; names its field."""

    code = "invalid_goal"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", errors={field: [sentence]})


class InvalidAdvocacy(InvalidInput):
    """A fact about a referral or testimonial that cannot be; names its field."""

    code = "invalid_advocacy"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", errors={field: [sentence]})


class InvalidProduct(InvalidInput):
    """A fact about a product, an entitlement or its use that cannot be; names its field."""

    code = "invalid_product"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", errors={field: [sentence]})


class ProductInUse(DomainError):
    code = "product_in_use"
    message = "Accounts have this product, so it stays. Take it out of the catalogue instead."


class ConsentMissing(DomainError):
    code = "consent_missing"
    message = "The customer has not agreed to be quoted. Note their consent before publishing."
