from django.db import models

from questionnaires.schema import PolicyImport, policy_import_from_json


class ImportedPolicy(models.Model):
    """What an operator imported for one document: original wording of known clauses, or a new document with its clauses.

    ``content`` is a ``schema.PolicyImport`` as canonical JSON. The library is the package plus all of these.
    """

    code = models.CharField(max_length=60, unique=True)
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    source_name = models.CharField(max_length=200)
    source_sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.code

    @property
    def value(self) -> PolicyImport:
        return policy_import_from_json(self.content)
