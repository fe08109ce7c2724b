"""Who is in the demo: the two organisations, their people, and the words that company names are made of."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.enums import Segment
from csplatform.enums import Role

PASSWORD = "demo-password"  # noqa: S105 -- printed for everyone who loads the demo
SLUG = "demo"
NAME = "Nimbus Cloud"
OTHER_SLUG = "demo-other"
OTHER_NAME = "Palm Grove Hosting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A colleague of the demo. Those without a login are there to own accounts."""

    email: str
    name: str
    role: Role
    may_sign_in: bool = False
    teams: tuple[str, ...] = ()


ENTERPRISE_TEAM, GROWTH_TEAM = "Enterprise", "Growth"
TEAM_OF_SEGMENT = {
    Segment.ENTERPRISE: ENTERPRISE_TEAM,
    Segment.MID_MARKET: ENTERPRISE_TEAM,
    Segment.SMB: GROWTH_TEAM,
}

ADMIN = Person(email="admin@demo.example", name="Arjun Mehta", role=Role.ADMIN, may_sign_in=True)
CSM = Person(
    email="csm@demo.example",
    name="Priya Sharma",
    role=Role.CSM,
    may_sign_in=True,
    teams=(ENTERPRISE_TEAM,),
)
MEERA = Person(
    email="meera.nair@demo.example", name="Meera Nair", role=Role.MANAGER, teams=(ENTERPRISE_TEAM, GROWTH_TEAM)
)
RAHUL = Person(
    email="rahul.verma@demo.example", name="Rahul Verma", role=Role.CSM, teams=(ENTERPRISE_TEAM, GROWTH_TEAM)
)
ANANYA = Person(email="ananya.iyer@demo.example", name="Ananya Iyer", role=Role.CSM, teams=(GROWTH_TEAM,))
COLLEAGUES = (
    CSM,
    Person(email="finance@demo.example", name="Kavita Rao", role=Role.FINANCE, may_sign_in=True),
    Person(email="viewer@demo.example", name="Sanjay Gupta", role=Role.VIEWER, may_sign_in=True),
    MEERA,
    RAHUL,
    ANANYA,
)
"""Beside the admin."""

OWNER_SHARES = {
    ENTERPRISE_TEAM: {CSM: 52, RAHUL: 30, MEERA: 10},
    GROWTH_TEAM: {ANANYA: 58, CSM: 14, RAHUL: 14, MEERA: 4},
}
"""Of a hundred accounts of the team, how many are whose; the rest has no owner yet."""

OTHER_ADMIN = Person(email="other@demo.example", name="Farhan Qureshi", role=Role.ADMIN, may_sign_in=True)

EVERYBODY = (ADMIN, *COLLEAGUES, OTHER_ADMIN)
LOGINS = tuple(person for person in EVERYBODY if person.may_sign_in)

REGIONS = {
    "Mumbai": 24,
    "Bengaluru": 26,
    "Delhi NCR": 18,
    "Hyderabad": 12,
    "Chennai": 9,
    "Pune": 7,
    "Kolkata": 4,
}
"""With their share of a hundred accounts."""

LEAD_SOURCES = {"Website": 30, "Referral": 24, "Partner": 18, "Outbound": 16, "Event": 12}

INDUSTRIES = {
    "Financial services": ("Finserv", "Capital", "Payments"),
    "Retail and e-commerce": ("Retail", "Mart", "Bazaar"),
    "Healthcare": ("Health", "Diagnostics", "Pharma"),
    "Manufacturing": ("Textiles", "Forge", "Components"),
    "Logistics": ("Logistics", "Freight", "Movers"),
    "Education": ("Learning", "Academy", "Edutech"),
    "Media and gaming": ("Media", "Studios", "Games"),
    "Software": ("Softworks", "Analytics", "Robotics"),
    "Agriculture": ("Agro", "Foods", "Organics"),
    "Energy": ("Solar", "Power", "Renewables"),
}
"""Each with the words its companies are called by."""

SEASONAL_INDUSTRIES = frozenset({"Retail and e-commerce", "Education", "Agriculture"})

PLACES = (
    "Aravalli", "Ashoka", "Banyan", "Bhairavi", "Brahmaputra", "Chandan", "Charminar", "Coromandel", "Deccan",
    "Dhruva", "Ekalavya", "Gangotri", "Garuda", "Godavari", "Gulmohar", "Harappa", "Himadri", "Indus", "Jamuna",
    "Kailash", "Kalinga", "Kamala", "Kaveri", "Konkan", "Lotus", "Madhuban", "Malabar", "Mandara", "Marigold",
    "Maurya", "Meghna", "Mogra", "Monsoon", "Narmada", "Neelam", "Nilgiri", "Padma", "Palash", "Panchvati",
    "Peacock", "Peepal", "Pragati", "Rajdhani", "Rishi", "Saffron", "Sahyadri", "Samudra", "Sandalwood", "Sarovar",
    "Satpura", "Shalimar", "Sindhu", "Surya", "Tamarind", "Tapti", "Tungabhadra", "Ujjain", "Vaigai", "Varuna",
    "Vindhya",
)  # fmt: skip
ENDINGS = ("", "Technologies", "Pvt Ltd", "India", "Labs", "Systems", "Solutions", "Group", "Works", "Ventures")

TAGS = {"Strategic": 10, "Reference": 14, "GPU workloads": 12, "Multi-region": 16, "Price sensitive": 9}
"""With how many of a hundred accounts carry them."""

CHURN_REASONS = (
    "Moved to a hyperscaler",
    "Budget cut",
    "Acquired by a competitor's customer",
    "Product shut down",
    "Unhappy with support",
)
