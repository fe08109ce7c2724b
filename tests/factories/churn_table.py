"""Tables of customers with what became of them, as they lie about in public: a row a customer, and no days.

The numbers are drawn from a seed, so that a table is the same every time; what is planted in it is known."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable

CONTRACTS = ("Month-to-month", "One year", "Two year")
SERVICES = ("OnlineSecurity", "OnlineBackup", "TechSupport", "StreamingTV")
PAYMENTS = ("Electronic check", "Mailed check", "Bank transfer (automatic)", "Credit card (automatic)")

Row = dict[str, str]


def churn_table(rows: int, *, seed: int, is_noise: bool = False) -> bytes:
    """A telecom's table. Short contracts, little tenure, fibre and electronic checks drive customers away; in noise
    nothing does, and as many leave. Blanks, a space for a blank, NA, grouped figures and "No internet service" are as
    one meets them."""
    rng = random.Random(seed)
    out = io.StringIO()
    made = [_customer(rng, at, is_noise=is_noise) for at in range(rows)]
    writer = csv.DictWriter(out, fieldnames=list(made[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(made)
    return out.getvalue().encode()


def _customer(rng: random.Random, at: int, *, is_noise: bool) -> Row:
    contract = rng.choices(CONTRACTS, weights=(55, 21, 24))[0]
    internet = rng.choices(("Fiber optic", "DSL", "No"), weights=(44, 34, 22))[0]
    payment = rng.choice(PAYMENTS)
    tenure = min(72, int(rng.expovariate(1 / 30)))
    monthly = round({"Fiber optic": 90.0, "DSL": 58.0, "No": 21.0}[internet] + rng.gauss(0, 8), 2)
    total = round(tenure * monthly * rng.uniform(0.95, 1.05), 2)
    risk = -2.1 - 0.045 * tenure
    risk += {"Month-to-month": 1.6, "One year": 0.0, "Two year": -1.4}[contract]
    risk += {"Fiber optic": 1.0, "DSL": 0.0, "No": -0.9}[internet] + (0.5 if payment == PAYMENTS[0] else 0.0)
    left = rng.random() < (0.15 if is_noise else 1 / (1 + 2.718281828 ** -(risk + 1.1)))
    blank = _blanks(rng)
    return {
        "customerID": f"{rng.randrange(10_000):04d}-{at:05d}",
        "gender": blank(rng.choice(("Male", "Female")), 0.01),
        "SeniorCitizen": str(int(rng.random() < 0.16)),
        "Partner": rng.choice(("Yes", "No")),
        "tenure": str(tenure),
        "PhoneService": rng.choices(("Yes", "No"), weights=(9, 1))[0],
        "InternetService": internet,
        **{name: "No internet service" if internet == "No" else rng.choice(("Yes", "No")) for name in SERVICES},
        "Contract": contract,
        "PaperlessBilling": blank(rng.choice(("Yes", "No")), 0.02),
        "PaymentMethod": payment,
        "MonthlyCharges": blank(f"{monthly:.2f}", 0.03),
        "TotalCharges": f"{total:,.2f}" if tenure else " ",
        "Region code": f"R{rng.randrange(400):03d}",
        "Churn": "Yes" if left else "No",
    }


def _blanks(rng: random.Random) -> Callable[[str, float], str]:
    return lambda text, share: rng.choice(("", " ", "NA")) if rng.random() < share else text
