"""What others put into the file and is merged is noted, so that it is not merged again after a crash."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jupyter_live", "0003_marks_with_seq")]
    operations = [
        migrations.AddField(
            model_name="document",
            name="merged",
            field=models.CharField(default="", max_length=64),
        )
    ]
