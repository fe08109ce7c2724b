"""Give each scorecard that is there already a public id of its own, and its history the same."""

import uuid

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def give_ids(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    history = apps.get_model("health", "HistoricalScorecard")
    for scorecard in apps.get_model("health", "Scorecard").objects.iterator():
        scorecard.uuid = uuid.uuid4()
        scorecard.save(update_fields=["uuid"])
        history.objects.filter(id=scorecard.pk).update(uuid=scorecard.uuid)


class Migration(migrations.Migration):
    dependencies = [("health", "0007_scorecard_versions")]

    operations = [migrations.RunPython(give_ids, migrations.RunPython.noop)]
