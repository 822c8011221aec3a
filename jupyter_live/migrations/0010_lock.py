"""Which process does what one should do for a document, or has not finished it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jupyter_live", "0009_marks_with_more_rows")]
    operations = [
        migrations.CreateModel(
            name="Lock",
            fields=[
                ("document", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("holder", models.CharField(max_length=36)),
            ],
        )
    ]
