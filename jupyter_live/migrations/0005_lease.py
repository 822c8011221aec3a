"""Which process loads and saves a file, where several share the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jupyter_live", "0004_merged")]
    operations = [
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("document", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("holder", models.CharField(max_length=36)),
                ("until", models.DateTimeField()),
            ],
        )
    ]
