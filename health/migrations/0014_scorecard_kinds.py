"""Say of each customer-360 scorecard that is there already that it is one."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CUSTOMER_360 = "customer_360"


def say_kinds(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for name in ("Scorecard", "HistoricalScorecard"):
        apps.get_model("health", name).objects.filter(key=CUSTOMER_360).update(kind=CUSTOMER_360)


class Migration(migrations.Migration):
    dependencies = [("health", "0013_scorecard_segments")]

    operations = [migrations.RunPython(say_kinds, migrations.RunPython.noop)]
