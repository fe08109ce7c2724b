"""Refusals about money."""

from __future__ import annotations

from csplatform.exceptions import DomainError, InvalidInput


class LedgerIsAppendOnly(DomainError):
    code = "ledger_is_append_only"
    message = "Movements of MRR are never changed or deleted. Post another one."


class InvalidSubscription(InvalidInput):
    """A fact that a subscription or renewal cannot have; names its field."""

    code = "invalid_subscription"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", errors={field: [sentence]})


class AccountPaysNothing(DomainError):
    code = "account_churned"
    message = "This account has churned. Change its status first."


class SubscriptionOver(DomainError):
    code = "subscription_over"
    message = "This subscription is over. Start another one."


class SubscriptionHasBegun(DomainError):
    code = "subscription_has_begun"
    message = "What began stays in the books. Cancel this subscription, or change its items from a day on."


class AlreadyPaused(DomainError):
    code = "subscription_paused"
    message = "This subscription is paused already, or will be."


class NotPaused(DomainError):
    code = "subscription_not_paused"
    message = "This subscription is not paused."


class RenewalDecided(DomainError):
    code = "renewal_decided"
    message = "This term is renewed already. The next one has a renewal of its own."


class NothingToRenew(DomainError):
    code = "nothing_to_renew"
    message = "This subscription has no term that could be renewed: it runs until it is cancelled."


class DocumentIsFinal(DomainError):
    code = "document_is_final"
    message = "An issued document never changes. Correct it with a credit note, a refund or a reversal."


class NotADraft(DomainError):
    code = "not_a_draft"
    message = "Only a draft can be changed, deleted or issued; this invoice has been issued."


class NotIssued(DomainError):
    code = "not_issued"
    message = "This invoice is not issued, or it was voided."


class OverAllocated(DomainError):
    code = "over_allocated"
    message = "This is more than there is to settle."


class NothingToDo(DomainError):
    code = "already_done"
    message = "This has been done already."


class CannotIssue(DomainError):
    code = "cannot_issue"
    message = "This invoice cannot be issued as it stands."


class BillingRefused(DomainError):
    code = "billing_refused"
    message = "There is nothing to bill."


class CannotVoid(DomainError):
    code = "cannot_void"
    message = "This invoice cannot be voided any more. Refund it: that issues a credit note."


class OverCredited(DomainError):
    code = "over_credited"
    message = "Refunds of an invoice cannot exceed its total."


class RemindersRefused(DomainError):
    code = "reminders_refused"
    message = "No reminder is due."


class NoMail(DomainError):
    code = "no_mail"
    status = 503
    message = (
        "Mail is not set up on this installation, so nothing was sent. Set EMAIL_URL, or note a reminder by phone or "
        "letter."
    )


class InvalidDocument(InvalidInput):
    """A field of a tax profile, an invoice, a payment … that cannot be so."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", errors={field: [sentence]})
