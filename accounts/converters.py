"""How an account is named in an address: by its number or by its uuid."""

from __future__ import annotations

from django.urls import register_converter

UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class AccountKeyConverter:
    """`<account_key:key>`; look it up with `organization.accounts.with_key(key)`."""

    regex = f"[0-9]{{1,18}}|{UUID}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: object) -> str:
        return str(value)


register_converter(AccountKeyConverter, "account_key")
