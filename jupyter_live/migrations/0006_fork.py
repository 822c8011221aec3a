"""Forks: documents without a file, made from the history of another one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jupyter_live", "0005_lease")]
    operations = [
        migrations.CreateModel(
            name="Fork",
            fields=[
                ("id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("root", models.CharField(db_index=True, max_length=255)),
                ("root_epoch", models.CharField(max_length=36)),
                ("synchronize", models.BooleanField()),
                ("title", models.TextField()),
                ("description", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "document",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to="jupyter_live.document"),
                ),
            ],
        )
    ]
