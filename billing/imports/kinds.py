"""The columns of billing's imports, and their registration with the engine."""

from __future__ import annotations

import re
from decimal import Decimal

from accounts.names import NAME_LENGTH
from billing.enums import LineKind, PaymentMethod
from billing.imports.invoices import InvoicesLoader, InvoicesUndo
from billing.imports.payments import PaymentsLoader, PaymentsUndo
from billing.tax.gstin import normalised
from billing.tax.numbers import LONGEST
from billing.tax.states import OTHER_COUNTRIES, STATES
from csplatform.imports import values
from csplatform.imports.columns import Column, ColumnSet
from csplatform.imports.registry import ImportKind, register
from csplatform.imports.values import BadValue, Locale, Parser
from csplatform.permissions import Action

MOST = Decimal("999999999999.99")
YES_NO = {"yes": "Yes", "no": "No", "true": "True", "false": "False", "1": "1", "0": "0"}
CODE_OF_STATE = {name.casefold(): code for code, name in STATES.items()} | {"other countries": OTHER_COUNTRIES}
PLACE = re.compile(r"(\d{1,2})(?:\s*[-–:]\s*.*)?", re.ASCII)


def _decimal(places: int, *, most: Decimal = MOST, may_be_negative: bool = False) -> Parser:
    """A figure of so many decimals; Indian and Western grouping and a rupee sign are fine. Never through a float."""

    def parse(text: str, locale: Locale) -> Decimal:
        figure = values.number(re.sub(r"(?i)^(?:₹|rs\.?|inr)\s*", "", text), locale)
        if figure < 0 and not may_be_negative:
            raise BadValue("is negative")
        if abs(figure) > most:
            raise BadValue(f"is larger than {most:,}")
        rounded = figure.quantize(Decimal(1).scaleb(-places))
        if rounded != figure:
            raise BadValue(f"has more than {places} decimals")
        return rounded

    return parse


def _above_zero(parse: Parser) -> Parser:
    def parsed(text: str, locale: Locale) -> object:
        figure = parse(text, locale)
        if not figure:
            raise BadValue("is not above 0")
        return figure

    return parsed


def _percent(text: str, locale: Locale) -> Decimal:
    figure = values.number(text.removesuffix("%").rstrip(), locale)
    if not 0 <= figure <= 100:
        raise BadValue("must lie between 0 and 100")
    return figure.quantize(Decimal("0.01"))


def _yes_no(text: str, locale: Locale) -> bool:
    return values.one_of(YES_NO)(text, locale) in {"yes", "true", "1"}


def _gstin(text: str, locale: Locale) -> str:
    return normalised(text)


def _place(text: str, locale: Locale) -> str:
    """A state by its code, its name, or both: `29`, `Karnataka`, `29-Karnataka`."""
    found = PLACE.fullmatch(text)
    code = found[1].zfill(2) if found else CODE_OF_STATE.get(text.casefold(), "")
    if code not in STATES and code != OTHER_COUNTRIES:
        raise BadValue("is no state in use; write its code or its name, such as 29 or Karnataka")
    return code


def _currency(text: str, locale: Locale) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise BadValue("is not the three letters of a currency, such as INR or USD")
    return text.upper()


def _sac(text: str, locale: Locale) -> str:
    if not re.fullmatch(r"\d{4,8}", text, re.ASCII):
        raise BadValue("is no SAC; it has 4 to 8 digits")
    return text


def _upper(longest: int) -> Parser:
    words = values.words(longest)
    return lambda text, locale: str(words(text, locale)).upper()


INVOICE, LINE, PAYMENT = "billing.Invoice.", "billing.InvoiceLine.", "billing.Payment."


def _account(stored: str) -> tuple[Column, Column]:
    return (
        Column(
            name="account_name",
            takes="The name of an account that is there; case and outer spaces do not matter.",
            stored=stored,
            parse=values.words(NAME_LENGTH),
            aliases=("account", "customer", "customer_name", "company", "company_name", "bill_to", "name"),
        ),
        Column(
            name="account_external_id",
            takes="The account's id in your own systems, exactly as it is there.",
            stored=stored,
            parse=values.words(NAME_LENGTH),
            aliases=("customer_id", "crm_id", "account_id", "external_id"),
        ),
    )


def _tax(name: str, takes: str, *aliases: str) -> Column:
    return Column(name=name, takes=takes, stored=f"{LINE}{name}", parse=_decimal(2), aliases=aliases)


INVOICE_COLUMNS = ColumnSet(
    columns=(
        Column(
            name="number",
            takes=f"Its own number: at most {LONGEST} of A-Z, 0-9, - and /. Rows of one number are one invoice.",
            stored=f"{INVOICE}number",
            parse=values.words(40),
            aliases=("invoice_number", "invoice", "invoice_no", "document_number", "bill_number"),
            missing="is empty; every row needs the number of its invoice",
        ),
        *_account(f"{INVOICE}account"),
        Column(
            name="issue_date",
            takes="The day of the invoice, best as 2026-11-20; up to today.",
            stored=f"{INVOICE}issue_date",
            parse=values.day,
            aliases=("invoice_date", "date", "issued_on", "document_date"),
            missing="is empty; every invoice has its day",
        ),
        Column(
            name="due_date",
            takes="A day, not before that of the invoice; without it the customer's terms say it.",
            stored=f"{INVOICE}due_date",
            parse=values.day,
            aliases=("due_on", "payment_due"),
        ),
        Column(
            name="currency",
            takes="Three letters, such as INR; without it the customer's.",
            stored=f"{INVOICE}currency",
            parse=_currency,
        ),
        Column(
            name="exchange_rate",
            takes="Rupees for one unit of another currency than INR, up to 6 decimals.",
            stored=f"{INVOICE}exchange_rate",
            parse=_above_zero(_decimal(6, most=Decimal("99999999.999999"))),
            aliases=("fx_rate", "conversion_rate"),
        ),
        Column(
            name="gstin",
            takes="The customer's GSTIN on the invoice; its check character is checked.",
            stored="billing.CustomerTaxProfile.gstin",
            parse=_gstin,
            aliases=("customer_gstin", "buyer_gstin", "gst_number", "gstin_uin"),
        ),
        Column(
            name="place_of_supply",
            takes="A state by code or name. It has to be the one that follows from the customer.",
            stored=f"{INVOICE}place_of_supply",
            parse=_place,
            aliases=("pos", "state", "supply_state"),
        ),
        Column(
            name="reverse_charge",
            takes="Yes or no.",
            stored=f"{INVOICE}reverse_charge",
            parse=_yes_no,
            aliases=("rcm",),
        ),
        Column(
            name="product",
            takes="The name of a product of the catalogue; it brings SAC, rate and family.",
            stored=f"{LINE}product",
            parse=values.words(NAME_LENGTH),
            aliases=("item", "product_name"),
        ),
        Column(
            name="description",
            takes="Text of at most 255 characters.",
            stored=f"{LINE}description",
            parse=values.words(255),
            aliases=("item_description", "particulars", "service"),
        ),
        Column(name="sac", takes="4 to 8 digits.", stored=f"{LINE}sac", parse=_sac, aliases=("hsn", "hsn_sac")),
        Column(
            name="kind",
            takes=f"One of {', '.join(LineKind.labels)}; Recurring without it.",
            stored=f"{LINE}kind",
            parse=values.one_of(dict(LineKind.choices)),
            aliases=("line_kind", "charge_type"),
        ),
        Column(
            name="quantity",
            takes="A number above 0 with up to 4 decimals; 1 without it.",
            stored=f"{LINE}quantity",
            parse=_above_zero(_decimal(4, most=Decimal("9999999999.9999"))),
            aliases=("qty", "units"),
        ),
        Column(
            name="unit_price",
            takes="The price of one, to the paisa; without it the taxable value is the price.",
            stored=f"{LINE}unit_price",
            parse=_decimal(2),
            aliases=("price", "unit_rate", "unit_cost"),
        ),
        Column(
            name="discount",
            takes="The amount taken off the row, to the paisa.",
            stored=f"{LINE}discount",
            parse=_decimal(2),
            aliases=("discount_amount",),
        ),
        Column(
            name="rate",
            takes="The rate of GST in percent, such as 18; without it the product's or the SAC's.",
            stored=f"{LINE}rate",
            parse=_percent,
            aliases=("gst_rate", "tax_rate", "gst_pct", "gst%"),
        ),
        _tax(
            "taxable",
            "The row's value without tax; has to follow from price and discount.",
            "taxable_value",
            "amount",
        ),
        _tax("cgst", "Has to be half the rate of the taxable value, to the paisa.", "cgst_amount"),
        _tax("sgst", "The same as CGST; UTGST too.", "sgst_amount", "utgst", "sgst_utgst"),
        _tax(
            "igst",
            "Has to be the rate of the taxable value where another state or country is supplied.",
            "igst_amount",
        ),
        Column(
            name="round_off",
            takes="What brings the total to the whole rupee, from -0.50 to 0.50.",
            stored=f"{INVOICE}round_off",
            parse=_decimal(2, most=Decimal("0.50"), may_be_negative=True),
            aliases=("rounding", "rounded_off"),
        ),
        Column(
            name="invoice_total",
            takes="With tax; has to be what the rows come to.",
            stored=f"{INVOICE}total",
            parse=_decimal(2),
            aliases=("total", "grand_total", "invoice_value", "total_amount"),
        ),
        Column(
            name="service_from",
            takes="The first day of the service.",
            stored=f"{LINE}service_from",
            parse=values.day,
            aliases=("period_start", "service_start"),
        ),
        Column(
            name="service_to",
            takes="Its last day.",
            stored=f"{LINE}service_to",
            parse=values.day,
            aliases=("period_end", "service_end"),
        ),
        Column(
            name="irn",
            takes="The e-invoice's reference number, at most 64 characters.",
            stored=f"{INVOICE}irn",
            parse=values.words(64),
            aliases=("irn_number",),
        ),
        Column(
            name="notes",
            takes="Text of at most 500 characters, printed on the invoice.",
            stored=f"{INVOICE}notes",
            parse=values.words(500),
            aliases=("remarks", "memo"),
        ),
    ),
    keys=("number",),
)

PAYMENT_COLUMNS = ColumnSet(
    columns=(
        Column(
            name="payment_id",
            takes="The payment's own id, such as the bank's UTR; rows of one id are one payment, written once.",
            stored=f"{PAYMENT}provider_reference",
            parse=values.words(100),
            aliases=("transaction_id", "utr", "receipt_number", "payment", "payment_number", "id"),
            missing="is empty; without an id the same payment would be written twice",
        ),
        *_account(f"{PAYMENT}account"),
        Column(
            name="received_on",
            takes="The day the money came, up to today.",
            stored=f"{PAYMENT}received_on",
            parse=values.day,
            aliases=("payment_date", "date", "received", "paid_on", "value_date"),
            missing="is empty; every payment has its day",
        ),
        Column(
            name="amount",
            takes="What came in, to the paisa, without tax withheld.",
            stored=f"{PAYMENT}amount",
            parse=_decimal(2),
            aliases=("amount_received", "cash", "paid", "net_amount"),
        ),
        Column(
            name="tds",
            takes="Income tax that the customer withheld; it settles like cash.",
            stored=f"{PAYMENT}tds",
            parse=_decimal(2),
            aliases=("tds_amount", "tax_withheld", "withholding"),
        ),
        Column(
            name="invoice",
            takes="The number of the invoice that the row settles; without it the row is an advance.",
            stored="billing.Allocation.invoice",
            parse=_upper(LONGEST),
            aliases=("invoice_number", "invoice_no", "against", "bill_number"),
        ),
        Column(
            name="method",
            takes=f"One of {', '.join(PaymentMethod.labels)}; Bank transfer without it.",
            stored=f"{PAYMENT}method",
            parse=values.one_of(dict(PaymentMethod.choices)),
            aliases=("mode", "payment_method", "payment_mode"),
        ),
        Column(
            name="reference",
            takes="Text of at most 100 characters; the id without it.",
            stored=f"{PAYMENT}reference",
            parse=values.words(100),
            aliases=("narration", "remarks"),
        ),
        Column(
            name="currency",
            takes="Three letters, such as INR, which it is without it; that of the invoices it settles.",
            stored=f"{PAYMENT}currency",
            parse=_currency,
        ),
        Column(
            name="exchange_rate",
            takes="Rupees for one unit of another currency than INR on the day it came.",
            stored=f"{PAYMENT}exchange_rate",
            parse=_above_zero(_decimal(6, most=Decimal("99999999.999999"))),
            aliases=("fx_rate", "conversion_rate"),
        ),
    ),
    keys=("payment_id",),
)


def register_kinds() -> None:
    """Offer the room's imports; called when the app is ready."""
    register(
        ImportKind(
            name="invoices",
            label="Invoices",
            description="One row per line of an invoice issued elsewhere, under its own number. GST is worked"
            " out anew, and a file that says otherwise is told where.",
            units="lines",
            columns=INVOICE_COLUMNS,
            loader=InvoicesLoader,
            template="samples/invoices-template.csv",
            sample="samples/invoices-sample.csv",
            records_url_name="billing:invoice_list",
            records_label="Show invoices",
            permission=Action.RUN_BILLING_IMPORTS,
            undo=InvoicesUndo,
        )
    )
    register(
        ImportKind(
            name="payments",
            label="Payments",
            description="One row per invoice that a payment settles, or for an advance. Tax withheld settles, too.",
            units="rows of payments",
            columns=PAYMENT_COLUMNS,
            loader=PaymentsLoader,
            template="samples/payments-template.csv",
            sample="samples/payments-sample.csv",
            records_url_name="billing:payment_list",
            records_label="Show payments",
            permission=Action.RUN_BILLING_IMPORTS,
            undo=PaymentsUndo,
        )
    )
