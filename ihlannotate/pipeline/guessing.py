"""Guesses at which model wrote a response, asked after closing on a small sample: whether blinding held."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.event import record
from ihlannotate.models.guess import Guess
from ihlannotate.models.item import Response
from ihlannotate.models.provenance import Origin, Run
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.masking import Masked, masked
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.stats.blinding import Blinding, blinding


@dataclass(frozen=True)
class GuessPage:
    """One response to guess at, as its annotator sees it. `models` are all of the study's, in alphabetical order."""

    code: str  # of the annotator's own sheet
    number: int  # from 1
    total: int
    prompt: str
    response: Masked
    language: str
    covered: bool  # until the annotator asks to see the response
    models: tuple[str, ...]


@dataclass(frozen=True)
class Guesser:
    """What one annotator was asked and said. `figures` is None where nothing was said."""

    alias: str
    asked: int
    figures: Blinding | None


@dataclass(frozen=True)
class Confusion:
    """Rows: the true model. Columns: the model that was named, with “I can’t tell” last."""

    models: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class BlindingReport:
    """Whether blinding held. Until the study is unblinded nothing in it names a model (`confusion` is None)."""

    models: int
    asked: int
    figures: Blinding | None
    guessers: tuple[Guesser, ...]
    confusion: Confusion | None


def takes_guesses(study: Study) -> bool:
    """Whether guesses can be made: the ratings are final, and nobody has been told yet which model wrote what."""
    return study.state == Study.State.CLOSED


def guesses_left(member: Membership) -> int:
    """How many responses this annotator can still guess at; 0 while the study is not closed."""
    study = member.study
    if not (takes_guesses(study) and study.guess_items) or len(_models(study)) < 2:
        return 0
    made = Guess.objects.filter(annotator=member).count()
    return max(0, min(study.guess_items, _rated(member).count()) - made)


def has_guessed(member: Membership) -> bool:
    """Whether the annotator can be thanked for at least one guess while guesses are taken."""
    return takes_guesses(member.study) and Guess.objects.filter(annotator=member).exists()


def next_guess(member: Membership) -> GuessPage | None:
    """The next response of the annotator's sample; None when all are guessed at, or nothing can be guessed."""
    if not guesses_left(member):
        return None
    sample = _sample(member)
    made = set(Guess.objects.filter(annotator=member).values_list("response", flat=True))
    left = [response for response in sample if response not in made]
    if not left:
        return None
    response = Response.objects.select_related("prompt").get(pk=left[0])
    return GuessPage(
        code=Sheet.objects.get(annotator=member, response=response, occasion=Assignment.FIRST).code,
        number=len(sample) - len(left) + 1,
        total=len(sample),
        prompt=response.prompt.text,
        response=masked(response.text, member.study.masked_words),
        language=response.prompt.language,
        covered=member.study.blur_responses or member.blur_responses,
        models=_models(member.study),
    )


def guess(member: Membership, *, code: str, model: str) -> bool:
    """Keep the annotator's guess at the response of their sheet `code`; "" stands for “I can’t tell”.

    Each response is guessed at once: a second guess changes nothing and gives False. Raises Refused: the study is not
    closed (or already unblinded), the response is not in the annotator's sample, the name is of no model of the study.
    """
    try:
        with transaction.atomic():
            return _guess(member, code=code, model=model)
    except IntegrityError:  # two windows at once: the first one counts
        if Guess.objects.filter(annotator=member, response__in=_behind(member, code)).exists():
            return False
        raise


def _guess(member: Membership, *, code: str, model: str) -> bool:
    Study.hold(member.study_id)
    study = Study.objects.get(pk=member.study_id)
    if not takes_guesses(study):
        raise Refused(_("This study takes no guesses now. Nothing was saved."))
    response = _behind(member, code).first()
    if response is None or response not in _sample(member):
        raise Refused(_("This is not one of the responses that you are asked about. Nothing was saved."))
    if model and model not in _models(study):
        raise Refused(_("Choose one of the models, or say that you can’t tell. Nothing was saved."))
    if Guess.objects.filter(annotator=member, response=response).exists():
        return False
    made = Guess.objects.create(annotator=member, response_id=response, model=model)
    record(study, "guess.made", actor=member.user_id, data={"guess": made.pk})
    return True


def blinding_report(study: Study) -> BlindingReport:
    """What all guesses of a study say, overall and by annotator."""
    models = _models(study)
    rows = list(
        Guess.objects.filter(annotator__study=study)
        .order_by("pk")
        .values_list("annotator", "response", "model")
    )
    truth = _truth([response for _member, response, _model in rows])
    members = study.memberships.filter(role=Membership.Role.ANNOTATOR, user__isnull=False).order_by("alias")
    guessers = []
    for member in members:
        own = [(response, model) for pk, response, model in rows if pk == member.pk]
        sampled = min(study.guess_items, _rated(member).count()) if len(models) > 1 else 0
        asked = max(sampled, len(own))
        guessers.append(Guesser(member.alias, asked, _figures(own, truth, models)))
    said = [(response, model) for _member, response, model in rows]
    return BlindingReport(
        models=len(models),
        asked=sum(one.asked for one in guessers),
        figures=_figures(said, truth, models),
        guessers=tuple(guessers),
        confusion=_confusion(said, truth, models) if study.is_unblinded and said else None,
    )


def _figures(
    said: Sequence[tuple[int, str]], truth: Mapping[int, str], models: Sequence[str]
) -> Blinding | None:
    if not said:
        return None
    return blinding(
        [truth[response] for response, _model in said], [model for _r, model in said], models=len(models)
    )


def _confusion(
    said: Sequence[tuple[int, str]], truth: Mapping[int, str], models: tuple[str, ...]
) -> Confusion:
    pairs = [(truth[response], model) for response, model in said]
    return Confusion(
        models, tuple(tuple(pairs.count((true, named)) for named in (*models, "")) for true in models)
    )


def _models(study: Study) -> tuple[str, ...]:
    names = Run.objects.filter(study=study).values_list("model", flat=True).distinct()
    return tuple(sorted(names, key=lambda name: (name.casefold(), name)))


def _truth(responses: Sequence[int]) -> dict[int, str]:
    wanted = set(responses)
    rows = Origin.objects.filter(response__in=wanted).values_list("response_id", "run__model")
    return dict(rows)


def _behind(member: Membership, code: str) -> QuerySet[Sheet, int | None]:
    """The response behind one of the annotator's own sheets: one id, or none."""
    sheets = Sheet.objects.filter(annotator=member, code=code, occasion=Assignment.FIRST)
    return sheets.values_list("response", flat=True)


def _rated(member: Membership) -> QuerySet[Origin]:
    """What the annotator rated, where known: first ratings that count, no repeats, nothing that was taken back."""
    return Origin.objects.filter(
        response__assignments__annotator=member,
        response__assignments__occasion=Assignment.FIRST,
        response__assignments__leased_until=None,
        response__assignments__annotation__isnull=False,
    )


def _sample(member: Membership) -> list[int]:
    """The annotator's sample: the first of the rated responses in an order that their own seed draws.

    A sample of another size begins alike, so that a change of the study's number unasks as little as it can.
    """
    rated = _rated(member).values_list("response_id", "response__code")
    drawn = sorted(rated, key=lambda row: hashlib.sha256(f"{member.seed} {row[1]}".encode()).digest())
    return [response for response, _code in drawn[: member.study.guess_items]]
