"""A file may hold rows of the log that come after some which it does not have: those of other processes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jupyter_live", "0008_one_index")]
    operations = [
        migrations.AddField(model_name="document", name=name, field=models.TextField(default=""))
        for name in ("written_also", "writing_also")
    ]
