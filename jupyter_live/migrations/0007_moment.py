"""The timeline: what documents were at moments worth going back to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jupyter_live", "0006_fork")]
    operations = [
        migrations.CreateModel(
            name="Moment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("document", models.CharField(max_length=255)),
                ("at", models.FloatField()),
                ("authors", models.TextField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("bytes", models.BigIntegerField()),
                ("added", models.BigIntegerField()),
                ("removed", models.BigIntegerField()),
                ("restored", models.FloatField(null=True)),
                ("data", models.BinaryField()),
            ],
            options={"indexes": [models.Index(fields=["document", "id"], name="moments_of_a_document")]},
        )
    ]
