"""Give the organisations that are there already the catalogue that new ones start with."""

import uuid

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

CATALOGUE = (
    ("cloud_instances", "Cloud Instances", "VMs", "☁️"),
    ("kubernetes", "Kubernetes", "Kubernetes", "🔧"),
    ("databases", "Databases", "Databases", "💾"),
    ("object_storage", "Object Storage", "Storage", "🗄️"),
    ("load_balancers", "Load Balancers", "Load Balancer", "⚖️"),
    ("other_services", "Other Services", "DR & Backup", "🔄"),
)


def give_catalogue(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    product, history = apps.get_model("accounts", "Product"), apps.get_model("accounts", "HistoricalProduct")
    now = timezone.now()
    for organization in apps.get_model("csplatform", "Organization").objects.filter(products=None).iterator():
        for position, (key, name, label, icon) in enumerate(CATALOGUE, start=1):
            facts = {
                "organization": organization,
                "uuid": uuid.uuid4(),
                "key": key,
                "name": name,
                "billing_label": label,
                "icon": icon,
                "position": position,
            }
            row = product.objects.create(**facts)
            history.objects.create(
                **facts,
                id=row.pk,
                created_at=row.created_at,
                updated_at=row.updated_at,
                history_date=now,
                history_type="+",
                history_change_reason="Catalogue added",
            )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_products")]

    operations = [migrations.RunPython(give_catalogue, migrations.RunPython.noop)]
