"""What annotators believe wrote a response, asked after closing: whether blinding held."""

from django.db import models

from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership


class Guess(models.Model):
    """One annotator's guess at the model behind one response that they rated. It changes no rating."""

    annotator = models.ForeignKey(Membership, models.PROTECT, related_name="guesses")
    response = models.ForeignKey(Response, models.PROTECT, related_name="+")
    model = models.CharField(max_length=200, blank=True, help_text="Empty: “I can’t tell”.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "guesses"
        constraints = [
            models.UniqueConstraint(fields=["annotator", "response"], name="guess_once_a_response"),
        ]

    def __str__(self) -> str:
        return f"guess {self.pk}"
