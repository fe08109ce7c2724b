import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("health", "0008_scorecard_ids")]

    operations = [
        migrations.AlterField(
            model_name="scorecard",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
