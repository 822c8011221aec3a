"""Tables of the update log. Only `log/sql.py` uses them."""

from __future__ import annotations

from django.db import models


class Document(models.Model):
    """A shared file and its current history: the base snapshot holds everything up to `base_seq`."""

    id = models.CharField(primary_key=True, max_length=255)
    epoch = models.CharField(max_length=36)
    base = models.BinaryField()
    base_seq = models.BigIntegerField(default=0)
    file_written = models.CharField(max_length=64)
    file_writing = models.CharField(max_length=64)


class Update(models.Model):
    """One row of the log. `seq` has no holes within an epoch; rows up to the base's seq have been folded into it."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE)
    epoch = models.CharField(max_length=36)
    seq = models.BigIntegerField()
    data = models.BinaryField()
    author = models.CharField(max_length=255)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "epoch", "seq"], name="one_row_per_seq")]
