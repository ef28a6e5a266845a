"""What an adjudicator's templates show of an item, as frozen plain data: never a model instance, never a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating import Opened, Seen, Unseen
from ihlannotate.pipeline.adjudicating.items import Comment, Text
from ihlannotate.pipeline.annotating import Passage
from ihlannotate.pipeline.discussing import LONGEST, Remark
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.reporting.conditions import asked_where
from ihlannotate.readers.rubric import CriterionSpec, RubricSpec
from ihlannotate.web.markdown import render_response
from ihlannotate.web.questions import Answers, Question, questions

DIFFER = "differ"
LEVEL = "level-"  # before a level's value in the form, so that no level can meet DIFFER


@dataclass(frozen=True)
class Desk:
    """The texts: as annotate/_text.html shows them."""

    page: Text
    response: SafeString

    @classmethod
    def of(cls, text: Text) -> "Desk":
        return cls(text, render_response(text.response))


@dataclass(frozen=True)
class FirstStep:
    """The questions that wait for the adjudicator's own answers. `message`: why what was sent was not taken."""

    questions: tuple[Question, ...]
    message: str
    errors: int


@dataclass(frozen=True)
class Outcome:
    """One way to settle a question: `sent` is what the form sends for it, `key` the digit that chooses it."""

    sent: str
    label: str
    help: str
    key: str


@dataclass(frozen=True)
class Voice:
    """One annotator's answer; `label` is empty where they were not asked."""

    number: int
    label: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Judged:
    """A question with everybody's answers, its outcomes, and what was sent for it.

    `own` is the adjudicator's answer, empty where another of theirs had ruled the question out; `now` is the outcome
    that they have recorded, empty where there is none.
    """

    key: str
    title: str
    help: str
    condition: str
    own: str
    voices: tuple[Voice, ...]
    outcomes: tuple[Outcome, ...]
    now: str
    now_reason: str
    chosen: str = ""
    reason: str = ""
    error: str = ""

    @property
    def value(self) -> str:
        """The chosen level's value; empty where reasonable lawyers differ."""
        return self.chosen.removeprefix(LEVEL) if self.chosen != DIFFER else ""

    def unchecked(self) -> "Judged":
        """As it was sent, before anybody asks whether it is complete."""
        return replace(self, error="")


@dataclass(frozen=True)
class SecondStep:
    """An item with what the annotators said, and the form that settles it."""

    desk: Desk
    questions: tuple[Judged, ...]
    comments: tuple[Comment, ...]
    remarks: tuple[Remark, ...]
    may_write: bool
    longest_note: int
    note: str
    refusal: str
    errors: int

    @property
    def wrong(self) -> bool:
        return bool(self.refusal or self.errors)

    @property
    def titled(self) -> bool:
        """Whether the comments stand under different questions."""
        return len({one.title for one in self.comments}) > 1

    @property
    def all_settled(self) -> bool:
        return bool(self.questions) and all(one.now for one in self.questions)


def first_step(
    study: Study, found: Unseen, *, answers: Answers | None = None, refused: Refused | None = None
) -> FirstStep:
    """The first step, as it was sent where it was refused."""
    rubric = spec_of(study.rubric)
    asked = replace(
        found.rubric, criteria=tuple(_with_condition(rubric, one) for one in found.rubric.criteria)
    )
    errors = {one.column: one.message for one in refused.problems if one.column} if refused else {}
    return FirstStep(questions(asked, answers or {}, errors), refused.message if refused else "", len(errors))


def _with_condition(rubric: RubricSpec, asked: CriterionSpec) -> CriterionSpec:
    """Where a question hangs on one that is not asked here, its help begins with that."""
    if asked.show_if or not rubric.criterion(asked.key).show_if:
        return asked
    condition = asked_where(rubric, rubric.criterion(asked.key))
    return replace(
        asked, help=_("%(condition)s. %(help)s") % {"condition": _capital(condition), "help": asked.help}
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def judged(study: Study, found: Opened) -> list[Judged]:
    """The questions of the second step."""
    rubric = spec_of(study.rubric)
    return [_judged(rubric, one) for one in found.questions]


def _judged(rubric: RubricSpec, seen: Seen) -> Judged:
    spec = seen.spec
    differ = _("Reasonable lawyers differ")
    labels = {"": differ, **{one.value: one.label for one in spec.options}}
    outcomes = [(LEVEL + one.value, one.label, one.help) for one in spec.options]
    why = _(
        "The text supports more than one answer. The item keeps its distribution and gets no single value."
    )
    outcomes.append((DIFFER, differ, why))
    return Judged(
        key=spec.key,
        title=spec.title,
        help=spec.help,
        condition=asked_where(rubric, spec),
        own="" if seen.opinion is None else labels[seen.opinion],
        voices=tuple(
            Voice(one.number, "" if one.value is None else labels[one.value], one.passages)
            for one in seen.voices
        ),
        outcomes=tuple(
            Outcome(sent, label, help_text, str(place) if place <= 9 else "")
            for place, (sent, label, help_text) in enumerate(outcomes, start=1)
        ),
        now=labels[seen.settled.value] if seen.settled else "",
        now_reason=seen.settled.reason if seen.settled else "",
    )


def answered(question: Judged, sent: Mapping[str, str]) -> Judged:
    """The question with what was sent for it, and what is wrong with that."""
    chosen, reason = sent.get(f"{question.key}-outcome", ""), sent.get(f"{question.key}-reason", "").strip()
    error = ""
    if chosen and chosen not in [outcome.sent for outcome in question.outcomes]:
        error = _("Choose one of the outcomes.")
    elif chosen and not reason:
        error = _("Write why: it is what a reader of the gold labels will look for.")
    elif reason and not chosen:
        error = _("Choose the outcome that this reason is for.")
    return replace(question, chosen=chosen, reason=reason, error=error)


def second_step(found: Opened, asked: Sequence[Judged], *, refusal: str = "", note: str = "") -> SecondStep:
    """The second step, with the questions as they stand in the form."""
    return SecondStep(
        desk=Desk.of(found.text),
        questions=tuple(asked),
        comments=found.comments,
        remarks=found.remarks,
        may_write=found.may_write,
        longest_note=LONGEST,
        note=note,
        refusal=refusal,
        errors=sum(bool(one.error) for one in asked),
    )
