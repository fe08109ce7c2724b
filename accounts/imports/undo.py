"""Taking imports of accounts back: image by image, the newest first, as long as nobody has touched them since."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.imports.accounts import FACTS_PART, PARENTS_PART
from accounts.imports.before import NAMES, by_key
from accounts.models import Account
from accounts.services.import_tags import write_tags
from accounts.services.undo_import import (
    NOBODYS,
    delete_accounts,
    derived_rows,
    hanging_on,
    restore_accounts,
    restore_aliases,
    touched_accounts,
)
from accounts.signals import ArrChange, arr_changed
from csplatform.formatting import counted
from csplatform.imports.before import unpack_record
from csplatform.imports.exceptions import UndoRefused
from csplatform.imports.registry import Order
from csplatform.models import ImportBefore
from csplatform.money import ZERO

Check = Callable[[ImportBefore], str]
Restorer = Callable[[ImportBefore], None]


class AccountImagesUndo:
    """What every kind that writes accounts needs: the engine's `Undo` by parts, and the part of names."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.organization = order.organization
        self._vouched: dict[int, None] = {}
        self._checks: dict[str, Check] = {NAMES: self._touched_names}
        self._restorers: dict[str, Restorer] = {NAMES: self._restore_names}

    def check(self, image: ImportBefore) -> str:
        return self._checks[image.part](image)

    def restore(self, image: ImportBefore) -> None:
        self._vouched = {}
        touched = self.check(image)
        if touched:
            raise UndoRefused(touched)
        self._restorers[image.part](image)

    def _touched_rows(self, keys: Sequence[int], image: ImportBefore) -> str:
        """Accounts that somebody has written since; for those in a newer image that one has vouched."""
        written = {key: image.written_at for key in keys if key not in self._vouched}
        self._vouched |= dict.fromkeys(keys)
        return touched_accounts(self.organization, written)

    def _touched_names(self, image: ImportBefore) -> str:
        replaced = by_key(unpack_record(image.content)["replaced"])
        touched = self._touched_rows(list(replaced), image)
        if touched:
            return touched
        old = {facts["name_key"] for facts in replaced.values()}
        taken = self.organization.accounts.filter(name_key__in=old).exclude(pk__in=list(replaced)).first()
        return f"{taken} has the name that one of its accounts had." if taken else ""

    def _restore_names(self, image: ImportBefore) -> None:
        record = unpack_record(image.content)
        replaced = by_key(record["replaced"])
        self._write_accounts(replaced)
        restore_aliases(self.organization, list(replaced), record["aliases"])

    def _write_accounts(self, facts: Mapping[int, Mapping[str, Any]]) -> None:
        restore_accounts(
            organization=self.organization, facts=facts, by=self.order.by, reason=self.order.reason[:100]
        )


class AccountsUndo(AccountImagesUndo):
    """Takes an import of accounts' facts back."""

    def __init__(self, order: Order) -> None:
        super().__init__(order)
        self._derived = {**derived_rows(), "accounts.AccountTag": NOBODYS}  # another's tag touches the account too
        self._linked: set[int] = set()
        """Whom the import gave a parent: no reason to keep an account that it made as one."""
        self._checks |= {FACTS_PART: self._touched_facts, PARENTS_PART: self._touched_parents}
        self._restorers |= {FACTS_PART: self._restore_facts, PARENTS_PART: self._restore_parents}

    def _touched_facts(self, image: ImportBefore) -> str:
        record = unpack_record(image.content)
        if record["moved"]:
            return self._moved(record["moved"])
        touched = self._touched_rows([*record["created"], *by_key(record["replaced"])], image)
        if touched or not record["created"]:
            return touched
        derived = {**self._derived, "accounts.Account": ~Q(pk__in=self._linked)}
        return hanging_on(self.organization, record["created"], derived=derived)

    def _moved(self, keys: Sequence[int]) -> str:
        """What ended with an account, such as its subscriptions, does not come back with its status."""
        first = self.organization.accounts.filter(pk__in=keys).order_by("pk").first()
        others = f" and {counted(len(keys) - 1, 'other account')}" if len(keys) > 1 else ""
        return f"By it {first}{others} left or came back, and more than their facts has followed. Set it by hand."

    def _touched_parents(self, image: ImportBefore) -> str:
        linked = by_key(unpack_record(image.content)["replaced"])
        self._linked |= linked.keys()
        return self._touched_rows(list(linked), image)

    def _restore_facts(self, image: ImportBefore) -> None:
        record = unpack_record(image.content)
        replaced = by_key(record["replaced"])
        tags = {key: set(names) for key, names in by_key(record["tags"]).items()}
        by, reason = self.order.by, self.order.reason[:100]
        write_tags(self.organization, tags, by=by, reason=reason, now=timezone.now())
        now_paid = dict(self.organization.accounts.filter(pk__in=list(replaced)).values_list("pk", "arr"))
        self._write_accounts(replaced)
        self._pay_back(now_paid, replaced, on=date.fromisoformat(record["day"]))
        delete_accounts(
            organization=self.organization, keys=record["created"], derived=self._derived, by=by, reason=reason
        )

    def _pay_back(
        self, paid: Mapping[int, Decimal | None], old: Mapping[int, Mapping[str, Any]], *, on: date
    ) -> None:
        """Booked on the day of the import, which nets that day again: then nothing was booked on it."""
        changes = [
            ArrChange(key, on, before)
            for key, facts in old.items()
            if (before := Decimal(facts["arr"] or ZERO)) != (paid[key] or ZERO)
        ]
        if changes:
            arr_changed.send(
                sender=Account, organization=self.organization, changes=changes, cause=self.order.reason[:255]
            )

    def _restore_parents(self, image: ImportBefore) -> None:
        self._write_accounts(by_key(unpack_record(image.content)["replaced"]))
