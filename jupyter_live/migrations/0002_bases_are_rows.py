"""A document's base becomes its first row: what is written with every save must not carry the whole document along."""

from django.db import migrations

BASES_TO_ROWS = """
    INSERT INTO jupyter_live_update (document_id, epoch, seq, data, author, at)
    SELECT id, epoch, base_seq, base, '', CURRENT_TIMESTAMP FROM jupyter_live_document
"""


class Migration(migrations.Migration):
    dependencies = [("jupyter_live", "0001_initial")]
    operations = [migrations.RunSQL(BASES_TO_ROWS)]
