"""The embedded index: a row per letter and per notice, and beside it the FTS5 table of their analysed terms.

Both can be dropped and rebuilt at any time; nothing refers to them. Only `backends/database.py` writes here.
"""

from django.db import models


class SearchDocument(models.Model):
    """The original text of a document, for display and marks, under the row id of its terms in FTS5.

    `place` orders the results: milliseconds of the document's own time, then bits of its id, so that a rebuilt index
    has the same order as one that grew.
    """

    # Of this type because SQLite makes it the row id itself; values are always given.
    place = models.BigAutoField(primary_key=True)
    owner_kind = models.CharField(max_length=6)
    owner_id = models.UUIDField()
    version = models.BigIntegerField()
    analyser = models.PositiveSmallIntegerField()
    scopes = models.TextField()
    letter = models.UUIDField()
    agency = models.UUIDField(null=True)
    at = models.DateTimeField()
    title = models.TextField(blank=True)
    number = models.TextField(blank=True)
    body = models.TextField(blank=True)
    people = models.TextField(blank=True)
    attachments = models.TextField(blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_kind", "owner_id"], name="one_document_of_an_owner")]

    def __str__(self) -> str:
        return f"{self.owner_kind} {self.owner_id}"
