"""Columns that nothing is called like become custom fields, with one press, as what they look like."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.imports.new_fields import guess_field
from accounts.models import CustomField
from csplatform.imports.unread import UnreadColumn
from csplatform.imports.values import Locale
from csplatform.models import Import, Membership
from tests.factories.churn_table import churn_table

ClientFor = Callable[[Membership], Client]
LOCALE = Locale(today=date(2026, 11, 20), zone=UTC)
SMALL = (
    'customer_id,Churn,Plan,Paid,Paid\nC-1,Yes,Gold,NA,1\nC-2,No,Gold,"1,234.50",1\nC-3,No,Iron, ,1\nC-4,,Iron,0,1\n'
)


def look_at(client: Client, member: Membership, content: bytes) -> Import:
    file = SimpleUploadedFile("churn.csv", content, content_type="text/csv")
    client.post("/dashboard/imports", {"kind": "accounts", "file": file})
    of = member.organization.imports.first()
    assert of is not None
    return of


def accept(client: Client, of: Import, **changes: str) -> Import:
    """Press "Make these fields" with what is suggested, but for some changes."""
    form = client.get(of.get_absolute_url()).context["new_form"]
    filled = {name: form[name].value() or "" for name in form.fields}
    client.post(reverse("csplatform:import_new_columns", args=[of.uuid]), filled | changes)
    of.refresh_from_db()
    return of


def bring_in(client: Client, of: Import) -> Import:
    form = client.get(of.get_absolute_url()).context["form"]
    client.post(
        reverse("csplatform:import_run", args=[of.uuid]), {name: form[name].value() or "" for name in form.fields}
    )
    of.refresh_from_db()
    return of


@pytest.mark.parametrize(
    ("texts", "kind", "found"),
    [
        (["Yes", "no", "NA"], "boolean", "Yes or no, 2 empty"),
        (["0", "1"], "boolean", "Yes or no, 1 empty"),
        (["1"], "number", "Numbers, 1 empty"),
        (["1,234.50", "-7", "₹ 12", "null"], "number", "Numbers, 2 empty"),
        (["00123", "04500"], "choice", "2 different texts, 1 empty"),
        (["2026-01-31", "?"], "date", "Days, 2 empty"),
        (["03/04/2026"], "choice", "1 different text, 1 empty"),
        (["Yes", "No", "No internet service"], "choice", "3 different texts, 1 empty"),
        (["NA", "?"], "", "Empty"),
        (["a, b", "c"], "text", "2 different texts, 1 empty"),
        (["gold", "Gold"], "text", "2 different texts, 1 empty"),
        ([f"R{at}" for at in range(26)], "text", "26 different texts, 1 empty"),
    ],
)
def test_a_column_becomes_the_narrowest_kind_that_takes_it(texts: list[str], kind: str, found: str) -> None:
    """Each text twice, beside one empty cell; what is missing in other words is counted with it, once a text."""
    column = UnreadColumn(heading="X", texts=dict.fromkeys(texts, 2 if kind in ("choice", "text") else 1), empty=1)

    guess = guess_field(column, LOCALE)

    assert (guess["kind"], guess["found"]) == (kind, found)


@pytest.mark.django_db
def test_fields_are_made_as_suggested_and_what_is_missing_stays_missing(
    client_for: ClientFor, amir: Membership
) -> None:
    client = client_for(amir)
    of = look_at(client, amir, SMALL.replace(",Paid\n", ",Seats taken\n").encode())
    assert [(guess["heading"], guess["kind"]) for guess in of.preview["unread"]] == [
        ("Plan", "choice"),
        ("Paid", "number"),
        ("Seats taken", "number"),
    ]
    assert not CustomField.objects.exists()

    of = accept(client, of, **{"new-2": ""})
    done = bring_in(client, of)

    assert (done.created, done.rejected) == (4, 0)
    accounts = amir.organization.accounts.order_by("number")
    assert list(accounts.values_list("status", "custom_fields")) == [
        ("churned", {"plan": "Gold"}),
        ("active", {"plan": "Gold", "paid": 1234.5}),
        ("active", {"plan": "Iron"}),
        ("active", {"plan": "Iron", "paid": 0}),
    ]
    assert [heading for heading in done.header if heading not in done.columns] == ["Seats taken"]


@pytest.mark.django_db
def test_two_columns_of_one_heading_are_offered_once(client_for: ClientFor, amir: Membership) -> None:
    of = look_at(client_for(amir), amir, SMALL.encode())

    assert [guess["heading"] for guess in of.preview["unread"]] == ["Plan", "Paid"]


@pytest.mark.django_db
def test_who_may_not_define_fields_is_told_whom_to_ask(client_for: ClientFor, mona: Membership) -> None:
    client = client_for(mona)
    of = look_at(client, mona, SMALL.encode())

    page = client.get(of.get_absolute_url()).content.decode()
    answer = client.post(reverse("csplatform:import_new_columns", args=[of.uuid]), {"new-0": "text"})

    assert "An admin can make custom fields of accounts of them." in page
    assert "Make these fields" not in page
    assert (answer.status_code, CustomField.objects.count()) == (403, 0)


@pytest.mark.django_db
def test_a_name_that_is_taken_makes_no_field_at_all(client_for: ClientFor, amir: Membership) -> None:
    client = client_for(amir)
    of = look_at(client, amir, SMALL.encode())
    amir.organization.custom_fields.create(name="Paid", key="other", kind="number", archived_at="2026-11-01T00:00Z")

    client.post(reverse("csplatform:import_new_columns", args=[of.uuid]), {"new-0": "choice", "new-1": "number"})

    assert list(CustomField.objects.values_list("key", flat=True)) == ["other"]


@pytest.mark.django_db
def test_a_table_of_five_thousand_goes_in_as_it_is(client_for: ClientFor, amir: Membership) -> None:
    client = client_for(amir)
    started = time.perf_counter()

    of = look_at(client, amir, churn_table(5_000, seed=7))
    of = accept(client, of)
    done = bring_in(client, of)

    assert time.perf_counter() - started < 60
    assert (done.rows, done.created, done.rejected) == (5_000, 5_000, 0)
    assert set(done.header) == set(done.columns)
    kinds = dict(amir.organization.custom_fields.values_list("name", "kind"))
    assert {name: kinds[name] for name in ("gender", "SeniorCitizen", "tenure", "OnlineBackup", "TotalCharges")} == {
        "gender": "choice",
        "SeniorCitizen": "boolean",
        "tenure": "number",
        "OnlineBackup": "choice",
        "TotalCharges": "number",
    }
    assert kinds["Region code"] == "text"
    new = amir.organization.accounts.filter(custom_fields__tenure=0)
    assert new.exists()
    assert not any("totalcharges" in held for held in new.values_list("custom_fields", flat=True))


@pytest.mark.parametrize(
    ("header", "row", "known", "offered"),
    [
        (
            "RowNumber,CustomerId,Surname,CreditScore,Geography,Age,HasCrCard,EstimatedSalary,Exited",
            "{at},156{at},Name{at},619,France,42,{bit},101348.88,{bit}",
            {"CustomerId": "external_id", "Geography": "region", "Exited": "has_churned"},
            ["number", "text", "number", "number", "boolean", "number"],
        ),
        (
            "CLIENTNUM,Attrition_Flag,Customer_Age,Income_Category,Avg_Utilization_Ratio",
            "768{at},Existing Customer,45,$60K - $80K,0.061",
            {"CLIENTNUM": "external_id", "Attrition_Flag": "has_churned"},
            ["number", "choice", "number"],
        ),
    ],
)
@pytest.mark.django_db
def test_tables_of_banks_are_known_too(
    client_for: ClientFor, amir: Membership, header: str, row: str, known: dict[str, str], offered: list[str]
) -> None:
    client = client_for(amir)
    rows = [row.format(at=at, bit=at % 2) for at in range(10, 40)]

    of = look_at(client, amir, "\n".join([header, *rows]).encode())
    guesses = [guess["kind"] for guess in of.preview["unread"]]
    done = bring_in(client, accept(client, of))

    assert {
        each["heading"]: each["column"] for each in of.preview["columns"] if each["column"] in known.values()
    } == known
    assert guesses == offered
    assert (done.created, done.rejected, set(done.columns)) == (30, 0, set(done.header))
