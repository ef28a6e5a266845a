"""A rubric and its criteria: once published, nothing in it can change (the database refuses)."""

from django.db import models


class Rubric(models.Model):
    """A published rubric. Its content is the canonical JSON of the specification; its SHA-256 names it."""

    name = models.CharField(max_length=100)
    version = models.CharField(max_length=20)
    content = models.TextField()
    sha256 = models.CharField(max_length=64, unique=True)
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="rubric_version_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Criterion(models.Model):
    """One question of a rubric; its wording lives in the rubric's content."""

    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="criteria")
    key = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "criteria"
        ordering = ["rubric", "position"]
        constraints = [models.UniqueConstraint(fields=["rubric", "key"], name="criterion_key_once")]

    def __str__(self) -> str:
        return self.key
