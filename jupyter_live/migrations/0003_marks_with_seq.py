"""Marks of the file get their place in the history, and documents the time of their last use."""

from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("jupyter_live", "0002_bases_are_rows")]
    operations = [
        migrations.RemoveField("document", "base"),
        migrations.RemoveField("document", "base_seq"),
        migrations.RenameField("document", "file_written", "written"),
        migrations.RenameField("document", "file_writing", "writing"),
        migrations.AddField("document", "written_seq", models.BigIntegerField(default=0)),
        migrations.AddField("document", "writing_seq", models.BigIntegerField(default=0)),
        migrations.AddField("document", "used", models.DateTimeField(db_index=True, default=timezone.now), False),
    ]
