"""Tables of the update log. Only `log/` uses them."""

from __future__ import annotations

from django.db import models


class Document(models.Model):
    """A shared file and its current history. Small, since it is written with every save: contents are in the rows."""

    id = models.CharField(primary_key=True, max_length=255)
    epoch = models.CharField(max_length=36)
    written = models.CharField(max_length=64)
    written_seq = models.BigIntegerField(default=0)
    written_also = models.TextField(default="")
    writing = models.CharField(max_length=64)
    writing_seq = models.BigIntegerField(default=0)
    writing_also = models.TextField(default="")
    merged = models.CharField(max_length=64, default="")
    used = models.DateTimeField(db_index=True)


class Update(models.Model):
    """One row of the log. It stands for every `seq` since the row before it; the first is the base."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, db_index=False)  # the constraint has one
    epoch = models.CharField(max_length=36)
    seq = models.BigIntegerField()
    data = models.BinaryField()
    author = models.CharField(max_length=255)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "epoch", "seq"], name="one_row_per_seq")]


class Fork(models.Model):
    """A document without a file, made from the history of another one."""

    id = models.CharField(primary_key=True, max_length=32)
    document = models.OneToOneField(Document, on_delete=models.CASCADE)
    root = models.CharField(max_length=255, db_index=True)
    root_epoch = models.CharField(max_length=36)
    synchronize = models.BooleanField()
    title = models.TextField()
    description = models.TextField()
    at = models.DateTimeField()


class Lease(models.Model):
    """Which process loads and saves the file of a document, until when by the database's clock."""

    document = models.CharField(primary_key=True, max_length=255)
    holder = models.CharField(max_length=36)
    until = models.DateTimeField()


class Lock(models.Model):
    """Which process does what one should do for a document at a time, or has done it and not yet logged."""

    document = models.CharField(primary_key=True, max_length=255)
    holder = models.CharField(max_length=36)


class Moment(models.Model):
    """What a document was at one time. Not tied to a `Document`: it outlives epochs, and histories that are set aside.

    The data is the last column: SQLite reads those before it without it.
    """

    id = models.BigAutoField(primary_key=True)
    document = models.CharField(max_length=255)
    at = models.FloatField()
    authors = models.TextField()
    fingerprint = models.CharField(max_length=64)
    size = models.BigIntegerField()
    bytes = models.BigIntegerField()
    added = models.BigIntegerField()
    removed = models.BigIntegerField()
    restored = models.FloatField(null=True)
    data = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["document", "id"], name="moments_of_a_document")]
