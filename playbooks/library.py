"""The ten built-in playbooks, copied into each organisation when it is created.

The position in `LIBRARY` is the playbook's number, which published clients know: never reorder. `key` is what later
releases recognise a playbook by when its wording improves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from health.enums import RiskFactor
from playbooks.enums import Category, OwnerRole, Priority, StepKind


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInStep:
    """One step as it ships. The text is what published clients print; what it says of who and when in words, the
    other fields say for a run."""

    day: int
    """By which day of a run it is due; a run starts on day 1."""
    title: str
    text: str
    kind: StepKind = StepKind.TASK
    role: OwnerRole = OwnerRole.ACCOUNT_OWNER


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInPlaybook:
    """One playbook as it ships: when it fits, what it costs, and what is done by whom and by when."""

    key: str
    title: str
    description: str
    category: Category
    priority: Priority
    estimated_effort: str
    risk_factors: tuple[RiskFactor, ...]
    steps: tuple[BuiltInStep, ...]


LIBRARY: tuple[BuiltInPlaybook, ...] = (
    BuiltInPlaybook(
        key="executive_business_review",
        title="Executive Business Review",
        description=(
            "Bring the customer's sponsor and your own executive to one table, show what the product returned in the"
            " customer's own numbers, and leave with three commitments that have names and dates."
        ),
        category=Category.ENGAGEMENT,
        priority=Priority.HIGH,
        estimated_effort="8-10 hours over 3 weeks",
        risk_factors=(
            RiskFactor.LOW_ENGAGEMENT,
            RiskFactor.CRITICAL_SCORE,
            RiskFactor.BELOW_TARGET_SCORE,
            RiskFactor.NO_RECENT_ENGAGEMENT,
            RiskFactor.DECLINING_TREND,
        ),
        steps=(
            BuiltInStep(
                day=1,
                title="Call the day-to-day contact",
                text=(
                    "Day 1, CSM: call the day-to-day contact, ask what changed since the last review, and get the "
                    "name of the person who will decide on the renewal."
                ),
            ),
            BuiltInStep(
                day=2,
                title="Invite the person who decides",
                text=(
                    "Day 2, CSM with an executive sponsor on our side: invite that person to 45 minutes in weeks "
                    "2-3; the invitation names one business question the meeting will answer."
                ),
                kind=StepKind.EMAIL,
            ),
            BuiltInStep(
                day=5,
                title="Put 90 days beside the goals agreed at signing",
                text=(
                    "By day 5, CSM: put together 90 days of active users, adoption, tickets and NPS beside the goals"
                    " agreed at signing; mark what fell and since which date."
                ),
            ),
            BuiltInStep(
                day=8,
                title="Write one page per open problem",
                text=(
                    "By day 8, CSM with support and product: write one page per open problem with cause, owner and "
                    "date; have the day-to-day contact correct it before anyone senior sees it."
                ),
            ),
            BuiltInStep(
                day=10,
                title="Rehearse with the executive sponsor",
                text=(
                    "By day 10, CSM: rehearse for 20 minutes with the executive sponsor; agree what we may offer and"
                    " what not."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=18,
                title="Hold the review",
                text=(
                    "Meeting: 10 minutes results, 25 minutes the customer's priorities for the next two quarters, 10"
                    " minutes three commitments, each with an owner from both sides and a date."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=19,
                title="Send the commitments and log the meeting",
                text=(
                    "Within 24 hours after it, CSM: send the commitments in the body of a mail, log the meeting on "
                    "the account, and book a 15-minute check on each commitment before its date."
                ),
                kind=StepKind.EMAIL,
            ),
        ),
    ),
    BuiltInPlaybook(
        key="feature_adoption_campaign",
        title="Feature Adoption Campaign",
        description=(
            "Find the two features that would help this customer most and are used least, and move a named group of "
            "users onto them within thirty days, measured every week."
        ),
        category=Category.ADOPTION,
        priority=Priority.HIGH,
        estimated_effort="6-8 hours over 4 weeks",
        risk_factors=(
            RiskFactor.LOW_ADOPTION,
            RiskFactor.LOW_ENGAGEMENT,
        ),
        steps=(
            BuiltInStep(
                day=1,
                title="Pick the two unused features closest to a goal",
                text=(
                    "Day 1, CSM: list the features in the contract against those used in the last 30 days; pick the "
                    "two unused ones closest to a goal the customer told us about."
                ),
            ),
            BuiltInStep(
                day=2,
                title="Ask the administrator why each is unused",
                text=(
                    "Day 2, CSM: ask the account's administrator why each is unused (not known, not switched on, not"
                    " trusted, not needed) and write down the answer per feature."
                ),
            ),
            BuiltInStep(
                day=4,
                title="Choose a pilot group and agree a target",
                text=(
                    "By day 4, CSM with the administrator: choose a pilot group of 5-10 users in one team and agree "
                    "a target, for example eight of ten using the feature weekly by day 30."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=7,
                title="Switch the features on with the customer's own data",
                text=(
                    "By day 7, solutions engineer: switch the features on, load the customer's own data as the "
                    "example, and check that the pilot group has the permissions it needs."
                ),
            ),
            BuiltInStep(
                day=14,
                title="Run the working session with the pilot group",
                text=(
                    "Week 2, CSM: run a 30-minute working session in which every pilot user finishes one real task; "
                    "record it and send the recording with a one-page crib sheet the same day."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=28,
                title="Send the weekly count of users per feature",
                text=(
                    "Weeks 2-4, CSM: every Monday send the administrator the count of users per feature; phone "
                    "whoever has not come back after seven days."
                ),
                kind=StepKind.EMAIL,
            ),
            BuiltInStep(
                day=30,
                title="Compare adoption with day 1",
                text=(
                    "Day 30, CSM: compare adoption with day 1; widen to the next team if the target was met, "
                    "otherwise log the reason and hand it to product with two quotes from users."
                ),
                kind=StepKind.CHECK,
            ),
        ),
    ),
    BuiltInPlaybook(
        key="technical_health_check",
        title="Technical Health Check",
        description=(
            "Clear the ticket backlog and remove its causes: one engineer looks at the customer's set-up for a "
            "morning, and the customer gets a dated plan instead of one more ticket answer."
        ),
        category=Category.SUPPORT,
        priority=Priority.HIGH,
        estimated_effort="10-12 hours over 2 weeks",
        risk_factors=(
            RiskFactor.MANY_TICKETS,
            RiskFactor.CRITICAL_SCORE,
            RiskFactor.ESCALATION_OPEN,
        ),
        steps=(
            BuiltInStep(
                day=1,
                title="Sort every open ticket by cause",
                text=(
                    "Day 1, CSM with the support lead: sort every open ticket by cause (defect, configuration, "
                    "missing knowledge, request) and name one owner for all of them."
                ),
            ),
            BuiltInStep(
                day=1,
                title="Ask the technical lead which two tickets hurt most",
                text=(
                    "Day 1, CSM: phone the customer's technical lead, read the list back, and ask which two tickets "
                    "hurt most; those two go first whatever their age."
                ),
            ),
            BuiltInStep(
                day=3,
                title="Reproduce the two worst tickets",
                text=(
                    "By day 3, support engineer: reproduce the two worst, give a workaround or a date for the fix, "
                    "and write it in the ticket in words the customer's manager can forward."
                ),
            ),
            BuiltInStep(
                day=5,
                title="Look at the set-up screen to screen",
                text=(
                    "By day 5, solutions engineer: two hours screen to screen on configuration, permissions, limits,"
                    " integration errors and versions; note each finding as red, amber or green."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=7,
                title="Send the findings with owner and date",
                text=(
                    "By day 7, CSM: send the findings as one page with owner and date per red and amber line; agree "
                    "it in a 20-minute call."
                ),
                kind=StepKind.EMAIL,
            ),
            BuiltInStep(
                day=11,
                title="Report twice a week what is closed, open and next",
                text=(
                    "Until done, CSM: a mail every Tuesday and Friday with closed, open and next, also when nothing "
                    "moved."
                ),
                kind=StepKind.EMAIL,
            ),
            BuiltInStep(
                day=14,
                title="Close the check and ask for a rating",
                text=(
                    "Day 14, support lead with CSM: close the check when at most two tickets are open and none is "
                    "red; ask the technical lead for a 1-5 rating and log it on the account."
                ),
                kind=StepKind.CHECK,
            ),
        ),
    ),
    BuiltInPlaybook(
        key="user_training_enablement",
        title="User Training & Enablement",
        description=(
            "Give each role the half hour of training it never had, so that people log in to get work done instead "
            "of raising tickets about how to."
        ),
        category=Category.ADOPTION,
        priority=Priority.MEDIUM,
        estimated_effort="5-7 hours over 3 weeks",
        risk_factors=(
            RiskFactor.LOW_ADOPTION,
            RiskFactor.MANY_TICKETS,
            RiskFactor.INFREQUENT_LOGINS,
        ),
        steps=(
            BuiltInStep(
                day=1,
                title="List absent users and their how-to questions by role",
                text=(
                    "Day 1, CSM: pull the users who have not logged in for 14 days and the ten most frequent how-to "
                    "questions from tickets; group both by role."
                ),
            ),
            BuiltInStep(
                day=3,
                title="Agree which roles to train",
                text=(
                    "Day 3, CSM with the account's administrator: agree the two or three roles to train, who must "
                    "attend, and which task each of them should do alone afterwards."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=7,
                title="Prepare one session per role",
                text=(
                    "By day 7, trainer: prepare one 30-minute session per role on the customer's own data, with one "
                    "exercise that ends in a finished piece of work."
                ),
            ),
            BuiltInStep(
                day=14,
                title="Hold the sessions",
                text=(
                    "Week 2, trainer: hold the sessions in groups of at most twelve, twice per role so that shifts "
                    "can choose; take attendance."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=15,
                title="Send the recording, the exercise and a guide",
                text=(
                    "Within 24 hours of each session, CSM: send the recording, the exercise and a one-page guide, "
                    "and invite absentees to a second date by name."
                ),
                kind=StepKind.EMAIL,
            ),
            BuiltInStep(
                day=21,
                title="Hold two open question hours",
                text="Week 3, CSM: hold two open question hours of 30 minutes; add each new question to the guide.",
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=21,
                title="Report who logged in before and after",
                text=(
                    "Day 21, CSM: report to the administrator who logged in before and after, and how-to tickets "
                    "before and after; name a local expert per role to take the next newcomer."
                ),
                kind=StepKind.CHECK,
            ),
        ),
    ),
    BuiltInPlaybook(
        key="quarterly_success_planning",
        title="Quarterly Success Planning",
        description=(
            "Replace a drifting relationship with a one-page plan for the next quarter: at most three outcomes, how "
            "each is measured, and the dates on which both sides look at it."
        ),
        category=Category.ENGAGEMENT,
        priority=Priority.MEDIUM,
        estimated_effort="4-6 hours per quarter",
        risk_factors=(
            RiskFactor.BELOW_TARGET_SCORE,
            RiskFactor.LOW_ENGAGEMENT,
            RiskFactor.DECLINING_TREND,
        ),
        steps=(
            BuiltInStep(
                day=1,
                title="Review last quarter's goals",
                text=(
                    "Three weeks before the quarter, CSM: review last quarter's goals and mark each met, missed or "
                    "dropped, with one sentence why."
                ),
            ),
            BuiltInStep(
                day=8,
                title="Ask what would make the next quarter a good one",
                text=(
                    "Two weeks before, CSM: ask the sponsor and two daily users, in 20-minute calls, what would make"
                    " the next quarter a good one; write down their words."
                ),
            ),
            BuiltInStep(
                day=15,
                title="Draft one page with at most three outcomes",
                text=(
                    "One week before, CSM: draft one page with at most three outcomes, each with today's value, the "
                    "target and the measure in the product that will show it."
                ),
            ),
            BuiltInStep(
                day=22,
                title="Agree the page with sponsor and administrator",
                text=(
                    "First week of the quarter, CSM with sponsor and administrator: 45 minutes to agree the page; "
                    "every outcome leaves with an owner on the customer's side."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=22,
                title="Enter the outcomes as goals and book the checks",
                text=(
                    "Same day, CSM: enter the outcomes as goals on the account and book the monthly 25-minute checks"
                    " for the whole quarter."
                ),
            ),
            BuiltInStep(
                day=52,
                title="Send the three numbers before each monthly check",
                text=(
                    "Every month, CSM: send the three numbers two days before the check; when one is behind, the "
                    "check is about that one only."
                ),
                kind=StepKind.EMAIL,
            ),
            BuiltInStep(
                day=106,
                title="Close each goal with its final value",
                text=(
                    "Last week of the quarter, CSM: close each goal with its final value and carry at most one "
                    "forward."
                ),
                kind=StepKind.CHECK,
            ),
        ),
    ),
    BuiltInPlaybook(
        key="champion_user_program",
        title="Champion User Program",
        description=(
            "Find the two or three people at the customer who already like the product, give them a head start and a"
            " voice, and let them bring their colleagues along."
        ),
        category=Category.ENGAGEMENT,
        priority=Priority.MEDIUM,
        estimated_effort="3-4 hours to start, then 1 hour a week",
        risk_factors=(
            RiskFactor.LOW_ENGAGEMENT,
            RiskFactor.INFREQUENT_LOGINS,
        ),
        steps=(
            BuiltInStep(
                day=1,
                title="List the most active users and promoters",
                text=(
                    "Day 1, CSM: list the five most active users of the last 30 days and anyone who answered NPS "
                    "with 9 or 10; strike those without a team around them."
                ),
            ),
            BuiltInStep(
                day=4,
                title="Ask the sponsor whom colleagues listen to",
                text=(
                    "By day 4, CSM: ask the sponsor which two or three of them colleagues listen to, and for an hour"
                    " a week of their time until the quarter ends."
                ),
            ),
            BuiltInStep(
                day=7,
                title="Meet each champion for 30 minutes",
                text=(
                    "By day 7, CSM: meet each champion for 30 minutes; learn what they use, what annoys them, and "
                    "which two colleagues they would bring first."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=14,
                title="Give champions early access and a direct channel",
                text=(
                    "Week 2, CSM with product: give champions early access to one coming feature and a direct "
                    "channel that is answered within four working hours."
                ),
            ),
            BuiltInStep(
                day=42,
                title="Support one show-and-tell per champion",
                text=(
                    "Weeks 3-6, champions with CSM: one 20-minute show-and-tell per champion in their own team "
                    "meeting; CSM prepares the example and stays in the background."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=56,
                title="Send champions the number of active users",
                text=(
                    "Every two weeks, CSM: send champions the number of active users in their team and thank them to"
                    " their manager by name when it rises."
                ),
                kind=StepKind.EMAIL,
            ),
            BuiltInStep(
                day=60,
                title="Compare active users and logins with day 1",
                text=(
                    "Day 60, CSM: compare active users and logins with day 1; invite the best champion to speak at "
                    "the next review, and replace whoever has gone quiet."
                ),
                kind=StepKind.CHECK,
            ),
        ),
    ),
    BuiltInPlaybook(
        key="nps_recovery_plan",
        title="NPS Recovery Plan",
        description=(
            "Talk to every detractor within two days, fix something they can see within two weeks, tell them so, and"
            " only then ask again."
        ),
        category=Category.SUPPORT,
        priority=Priority.HIGH,
        estimated_effort="6-8 hours over 6 weeks",
        risk_factors=(
            RiskFactor.NEGATIVE_NPS,
            RiskFactor.CRITICAL_SCORE,
        ),
        steps=(
            BuiltInStep(
                day=1,
                title="Read every low answer with its comment",
                text=(
                    "Day 1, CSM: read every answer of 0-6 with its comment, and look up the person's tickets and "
                    "last login before calling anyone."
                ),
            ),
            BuiltInStep(
                day=2,
                title="Phone each detractor",
                text=(
                    "By day 2, CSM: phone each detractor (mail only if two calls fail); ask what happened and what "
                    "good would look like; do not defend, do not sell."
                ),
            ),
            BuiltInStep(
                day=4,
                title="Sort the reasons and choose one to fix",
                text=(
                    "By day 4, CSM with support and product: sort the reasons, choose one that can be fixed visibly "
                    "within two weeks, and one that needs a dated answer."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=5,
                title="Write to each detractor what will be fixed",
                text=(
                    "By day 5, CSM: write to each detractor what we heard, what will be fixed by when, and what will"
                    " not be and why; copy the sponsor."
                ),
                kind=StepKind.EMAIL,
            ),
            BuiltInStep(
                day=14,
                title="Deliver the fix and show it in person",
                text=(
                    "By day 14, owner of the fix: deliver it; CSM shows it to the detractors in person and asks "
                    "whether it solves their case."
                ),
            ),
            BuiltInStep(
                day=21,
                title="Ask the sponsor whether the mood has turned",
                text=(
                    "Day 21, CSM: ask the sponsor in a 15-minute call whether the mood has turned and what is still "
                    "in the way."
                ),
                kind=StepKind.CHECK,
            ),
            BuiltInStep(
                day=45,
                title="Send the survey again to the same people",
                text=(
                    "Day 45, CSM: send the survey again to the same people; log old and new score on the account, "
                    "and repeat from day 2 for anyone still below 7."
                ),
                kind=StepKind.CHECK,
            ),
        ),
    ),
    BuiltInPlaybook(
        key="integration_optimization",
        title="Integration Optimization",
        description=(
            "Put the product where the customer's work already happens: check the integrations in use, repair what "
            "fails silently, and connect the one system that would save the most clicks."
        ),
        category=Category.ADOPTION,
        priority=Priority.MEDIUM,
        estimated_effort="8-12 hours over 4 weeks",
        risk_factors=(
            RiskFactor.LOW_ADOPTION,
            RiskFactor.BELOW_TARGET_SCORE,
        ),
        steps=(
            BuiltInStep(
                day=1,
                title="List the connected systems and their errors",
                text=(
                    "Day 1, CSM: list the connected systems, when each last exchanged data, and its errors of the "
                    "last 30 days."
                ),
            ),
            BuiltInStep(
                day=3,
                title="Watch two daily users at work",
                text=(
                    "Day 3, CSM with two daily users: watch them do their most frequent task for 20 minutes each; "
                    "count where they copy and paste between systems."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=6,
                title="Repair or switch off what fails",
                text=(
                    "By day 6, solutions engineer: repair or switch off each connection that fails, and tell its "
                    "owner at the customer which data was missed and from when."
                ),
            ),
            BuiltInStep(
                day=10,
                title="Pick the one new connection",
                text=(
                    "By day 10, CSM with the customer's IT lead: pick the one new connection that removes most "
                    "copying; agree data, direction, owner and security questions on one page."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=28,
                title="Build and try it in a test area",
                text=(
                    "Weeks 3-4, solutions engineer with IT: build it in a test area, run it for three working days "
                    "on real data, and let the two users try to break it."
                ),
            ),
            BuiltInStep(
                day=30,
                title="Announce it and stay reachable",
                text=(
                    "Go-live day, CSM: announce it to users in three sentences with a picture, and stay reachable "
                    "for the day."
                ),
                kind=StepKind.EMAIL,
            ),
            BuiltInStep(
                day=44,
                title="Compare adoption and time on the task with day 1",
                text=(
                    "Two weeks after, CSM: compare adoption and time on the task with day 1, and enter an alert "
                    "address so that the next failure is noticed by people, not by users."
                ),
                kind=StepKind.CHECK,
            ),
        ),
    ),
    BuiltInPlaybook(
        key="renewal_risk_mitigation",
        title="Renewal Risk Mitigation",
        description=(
            "Treat a doubtful renewal as a project with a war room, not as a date: know who decides, what is in the "
            "way, and what we do about each point before the notice period ends."
        ),
        category=Category.ENGAGEMENT,
        priority=Priority.HIGH,
        estimated_effort="12-15 hours over 6 weeks",
        risk_factors=(
            RiskFactor.CRITICAL_SCORE,
            RiskFactor.NEGATIVE_NPS,
            RiskFactor.LOW_ENGAGEMENT,
            RiskFactor.RENEWAL_AT_RISK,
            RiskFactor.OVERDUE_INVOICES,
        ),
        steps=(
            BuiltInStep(
                day=1,
                title="Write down dates, amount, who signs and what is open",
                text=(
                    "Day 1, CSM: write down renewal date, notice date, amount, who signs, who is asked, open "
                    "invoices and every open promise; mark what is only assumed."
                ),
            ),
            BuiltInStep(
                day=2,
                title="Name the two reasons this could be lost",
                text=(
                    "Day 2, CSM with team lead, finance and support: 30 minutes to name the two reasons this could "
                    "be lost, and one owner for each."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=4,
                title="Call the person who signs",
                text=(
                    "By day 4, team lead or executive sponsor: call the person who signs; ask directly whether they "
                    "would renew today and what would have to change."
                ),
                role=OwnerRole.TEAM_LEAD,
            ),
            BuiltInStep(
                day=6,
                title="Settle disputed or overdue invoices",
                text=(
                    "By day 6, finance with CSM: settle disputed or overdue invoices; agree dates in writing so that"
                    " money is not the reason in the last week."
                ),
                role=OwnerRole.FINANCE,
            ),
            BuiltInStep(
                day=10,
                title="Send a recovery plan on one page",
                text=(
                    "By day 10, CSM: send a recovery plan on one page with dates before the notice period ends; each"
                    " line answers one reason named on the call."
                ),
                kind=StepKind.EMAIL,
            ),
            BuiltInStep(
                day=17,
                title="Go through the page with the sponsor every week",
                text=(
                    "Every week, CSM with the customer's sponsor: 20 minutes on that page only; the team lead joins "
                    "as soon as a line is late."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=40,
                title="Decide: renew, renew smaller, or let go",
                text=(
                    "Two weeks before notice, CSM with team lead: decide on renew, renew smaller, or let go; send "
                    "the offer, and log outcome and reason the day it is known."
                ),
                kind=StepKind.CHECK,
            ),
        ),
    ),
    BuiltInPlaybook(
        key="data_quality_improvement",
        title="Data Quality Improvement",
        description=(
            "Make the customer's data, and ours about the customer, good enough to be trusted: people leave products"
            " whose reports they do not believe."
        ),
        category=Category.ADOPTION,
        priority=Priority.LOW,
        estimated_effort="4-6 hours over 2 weeks",
        risk_factors=(
            RiskFactor.LOW_ADOPTION,
            RiskFactor.BELOW_TARGET_SCORE,
            RiskFactor.LOW_DATA_QUALITY,
        ),
        steps=(
            BuiltInStep(
                day=1,
                title="Note which measures are missing or old",
                text=(
                    "Day 1, CSM: note which measures are missing or old for this account (active users, adoption, "
                    "tickets, NPS, logins) and when each last arrived."
                ),
            ),
            BuiltInStep(
                day=2,
                title="Find where each measure stopped",
                text=(
                    "Day 2, CSM with our data team: find where each stopped (export not sent, column renamed, user "
                    "lacks consent, feature off) and name who can restart it."
                ),
            ),
            BuiltInStep(
                day=4,
                title="Count duplicates, empty fields and former users",
                text=(
                    "By day 4, CSM with the account's administrator: count duplicates, empty mandatory fields and "
                    "former employees among users; agree which to clean first."
                ),
                kind=StepKind.MEETING,
            ),
            BuiltInStep(
                day=7,
                title="Correct the first list and add two rules",
                text=(
                    "By day 7, administrator with solutions engineer: correct the first list, and add the two "
                    "validation rules that would have stopped most of it."
                ),
            ),
            BuiltInStep(
                day=9,
                title="Have the missing measures sent again",
                text=(
                    "By day 9, our data team: send the missing measures again for the last 30 days and recompute the"
                    " health score; the share of known signals should be above 85 %."
                ),
            ),
            BuiltInStep(
                day=14,
                title="Show the same report before and after",
                text=(
                    "Day 14, CSM: show the administrator the same report before and after, and put a monthly "
                    "10-minute data check into both calendars."
                ),
                kind=StepKind.CHECK,
            ),
        ),
    ),
)

SHIPPED_TEXTS = frozenset(step.text for item in LIBRARY for step in item.steps)


WRITTEN_ALIKE = re.compile(r"(?:Day|By day|Weeks?) [0-9][^:\n]{0,80}: ")


def split_step(text: str) -> tuple[str, str]:
    """Who and when as shipped steps, and those written like them, begin (`Day 1, CSM`), and the rest; of another
    text, nothing and all of it."""
    is_told = text in SHIPPED_TEXTS or WRITTEN_ALIKE.match(text)
    head, _, rest = text.partition(": ") if is_told else ("", "", text)
    return head, f"{rest[:1].upper()}{rest[1:]}"
