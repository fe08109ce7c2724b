"""Give the built-in playbooks' steps their day, kind, role and title, where they are still as they shipped."""

from __future__ import annotations

from typing import Any

from django.db import migrations

STEPS = {
    "executive_business_review": (
        (1, "task", "account_owner", "Call the day-to-day contact"),
        (2, "email", "account_owner", "Invite the person who decides"),
        (5, "task", "account_owner", "Put 90 days beside the goals agreed at signing"),
        (8, "task", "account_owner", "Write one page per open problem"),
        (10, "meeting", "account_owner", "Rehearse with the executive sponsor"),
        (18, "meeting", "account_owner", "Hold the review"),
        (19, "email", "account_owner", "Send the commitments and log the meeting"),
    ),
    "feature_adoption_campaign": (
        (1, "task", "account_owner", "Pick the two unused features closest to a goal"),
        (2, "task", "account_owner", "Ask the administrator why each is unused"),
        (4, "meeting", "account_owner", "Choose a pilot group and agree a target"),
        (7, "task", "account_owner", "Switch the features on with the customer's own data"),
        (14, "meeting", "account_owner", "Run the working session with the pilot group"),
        (28, "email", "account_owner", "Send the weekly count of users per feature"),
        (30, "check", "account_owner", "Compare adoption with day 1"),
    ),
    "technical_health_check": (
        (1, "task", "account_owner", "Sort every open ticket by cause"),
        (1, "task", "account_owner", "Ask the technical lead which two tickets hurt most"),
        (3, "task", "account_owner", "Reproduce the two worst tickets"),
        (5, "meeting", "account_owner", "Look at the set-up screen to screen"),
        (7, "email", "account_owner", "Send the findings with owner and date"),
        (11, "email", "account_owner", "Report twice a week what is closed, open and next"),
        (14, "check", "account_owner", "Close the check and ask for a rating"),
    ),
    "user_training_enablement": (
        (1, "task", "account_owner", "List absent users and their how-to questions by role"),
        (3, "meeting", "account_owner", "Agree which roles to train"),
        (7, "task", "account_owner", "Prepare one session per role"),
        (14, "meeting", "account_owner", "Hold the sessions"),
        (15, "email", "account_owner", "Send the recording, the exercise and a guide"),
        (21, "meeting", "account_owner", "Hold two open question hours"),
        (21, "check", "account_owner", "Report who logged in before and after"),
    ),
    "quarterly_success_planning": (
        (1, "task", "account_owner", "Review last quarter's goals"),
        (8, "task", "account_owner", "Ask what would make the next quarter a good one"),
        (15, "task", "account_owner", "Draft one page with at most three outcomes"),
        (22, "meeting", "account_owner", "Agree the page with sponsor and administrator"),
        (22, "task", "account_owner", "Enter the outcomes as goals and book the checks"),
        (52, "email", "account_owner", "Send the three numbers before each monthly check"),
        (106, "check", "account_owner", "Close each goal with its final value"),
    ),
    "champion_user_program": (
        (1, "task", "account_owner", "List the most active users and promoters"),
        (4, "task", "account_owner", "Ask the sponsor whom colleagues listen to"),
        (7, "meeting", "account_owner", "Meet each champion for 30 minutes"),
        (14, "task", "account_owner", "Give champions early access and a direct channel"),
        (42, "meeting", "account_owner", "Support one show-and-tell per champion"),
        (56, "email", "account_owner", "Send champions the number of active users"),
        (60, "check", "account_owner", "Compare active users and logins with day 1"),
    ),
    "nps_recovery_plan": (
        (1, "task", "account_owner", "Read every low answer with its comment"),
        (2, "task", "account_owner", "Phone each detractor"),
        (4, "meeting", "account_owner", "Sort the reasons and choose one to fix"),
        (5, "email", "account_owner", "Write to each detractor what will be fixed"),
        (14, "task", "account_owner", "Deliver the fix and show it in person"),
        (21, "check", "account_owner", "Ask the sponsor whether the mood has turned"),
        (45, "check", "account_owner", "Send the survey again to the same people"),
    ),
    "integration_optimization": (
        (1, "task", "account_owner", "List the connected systems and their errors"),
        (3, "meeting", "account_owner", "Watch two daily users at work"),
        (6, "task", "account_owner", "Repair or switch off what fails"),
        (10, "meeting", "account_owner", "Pick the one new connection"),
        (28, "task", "account_owner", "Build and try it in a test area"),
        (30, "email", "account_owner", "Announce it and stay reachable"),
        (44, "check", "account_owner", "Compare adoption and time on the task with day 1"),
    ),
    "renewal_risk_mitigation": (
        (1, "task", "account_owner", "Write down dates, amount, who signs and what is open"),
        (2, "meeting", "account_owner", "Name the two reasons this could be lost"),
        (4, "task", "team_lead", "Call the person who signs"),
        (6, "task", "finance", "Settle disputed or overdue invoices"),
        (10, "email", "account_owner", "Send a recovery plan on one page"),
        (17, "meeting", "account_owner", "Go through the page with the sponsor every week"),
        (40, "check", "account_owner", "Decide: renew, renew smaller, or let go"),
    ),
    "data_quality_improvement": (
        (1, "task", "account_owner", "Note which measures are missing or old"),
        (2, "task", "account_owner", "Find where each measure stopped"),
        (4, "meeting", "account_owner", "Count duplicates, empty fields and former users"),
        (7, "task", "account_owner", "Correct the first list and add two rules"),
        (9, "task", "account_owner", "Have the missing measures sent again"),
        (14, "check", "account_owner", "Show the same report before and after"),
    ),
}
"""By playbook: day, kind, role and title of its steps, as of this release."""


def fill(apps: Any, schema_editor: Any) -> None:
    step = apps.get_model("playbooks", "Step")
    for key, steps in STEPS.items():
        for n, (day, kind, role, title) in enumerate(steps, start=1):
            of_built_in = step.objects.filter(playbook__key=key, playbook__is_builtin=True, n=n, title="")
            of_built_in.update(day=day, kind=kind, role=role, title=title)


class Migration(migrations.Migration):
    dependencies = [("playbooks", "0002_runs")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
