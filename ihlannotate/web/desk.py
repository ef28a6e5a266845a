"""What annotators' templates show, as frozen plain data: never a model instance, never another's answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ihlannotate.models.assignment import Skip
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.annotating import ItemPage, Passage, Progress
from ihlannotate.pipeline.annotating.care import Moments, seconds_an_item
from ihlannotate.pipeline.annotating.notice import must_read_notice
from ihlannotate.pipeline.annotating.submitting import REASON
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.rubric import CriterionSpec, OptionSpec, RubricSpec
from ihlannotate.web.markdown import render_markdown, render_response
from ihlannotate.web.questions import Answers, questions


@dataclass(frozen=True)
class Level:
    """One answer of a question, what it means, and texts that would earn it."""

    label: str
    help: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Definition:
    """A question of the rubric with its levels; of one whose answers come from a long list, `entries` counts them."""

    title: str
    help: str
    levels: tuple[Level, ...]
    entries: int


@dataclass(frozen=True)
class StudyPage:
    """A study as its annotators see it. `definitions`: the rubric's questions with what each level means."""

    code: str
    title: str
    description: str
    guidelines: SafeString
    definitions: tuple[Definition, ...]
    notice: SafeString
    must_read_notice: bool
    is_open: bool
    has_begun: bool


@dataclass(frozen=True)
class Sent:
    """A form that was not taken, as it was sent, and why."""

    answers: Answers
    evidence: tuple[Passage, ...]
    reason: str
    refused: Refused


@dataclass(frozen=True)
class Desk:
    """One item with its form. `message` says why what was sent was not taken; `errors` counts the wrong answers."""

    page: ItemPage
    response: SafeString
    questions: SafeString
    here: str  # where the form is sent
    draft: str  # where its drafts are
    editable: bool
    message: str
    errors: int
    reason: str
    reason_error: str
    left: str
    worked: int  # minutes, where a break is suggested
    skip_reasons: tuple[tuple[str, str], ...]


def study_page(member: Membership) -> StudyPage:
    study = member.study
    return StudyPage(
        code=study.code,
        title=study.title,
        description=study.description,
        guidelines=render_markdown(study.guidelines),
        definitions=tuple(_definition(one) for one in spec_of(study.rubric).criteria),
        notice=render_markdown(study.content_notice),
        must_read_notice=must_read_notice(member),
        is_open=study.is_open,
        has_begun=study.opened_at is not None,
    )


def _definition(criterion: CriterionSpec) -> Definition:
    listed = criterion.taxonomy is not None
    return Definition(
        title=criterion.title,
        help=criterion.help,
        levels=() if listed else tuple(_level(criterion, one) for one in criterion.options),
        entries=len(criterion.options) if listed else 0,
    )


def _level(criterion: CriterionSpec, option: OptionSpec) -> Level:
    """A scale's level with its number in front, once."""
    bare = option.label.removeprefix(f"{option.value} · ")
    numbered = criterion.kind == "scale" and bare != option.value
    return Level(f"{option.value} · {bare}" if numbered else bare, option.help, option.examples)


def desk_of(
    page: ItemPage, *, rubric_sha256: str, sent: Sent | None = None, here: str = "", worked: int = 0
) -> Desk:
    """An item's page; where a form was refused, with the answers that were sent and what is wrong with them.

    `rubric_sha256` names the page's rubric. The form is sent to `here`, by default to the item's own address.
    `worked` minutes are a reason to suggest a break.
    """
    wrong = sent.refused.problems if sent else ()
    errors = {one.column: one.message for one in wrong if one.column}
    reason_error = errors.pop(REASON, "")
    answers, evidence = (sent.answers, sent.evidence) if sent else (page.answers, page.evidence)
    place = [page.study_code, page.code]
    return Desk(
        page=page,
        response=render_response(page.response),
        questions=_form(page.rubric, rubric_sha256, answers, errors, evidence),
        here=here or reverse("annotate:item", args=place),
        draft=reverse("annotate:draft", args=place),
        editable=page.study_open and not page.skipped and not page.discussed,
        message=sent.refused.message if sent else "",
        errors=len(errors),
        reason=sent.reason if sent else "",
        reason_error=reason_error,
        left=time_left(page.begun_at, page.progress),
        worked=worked,
        skip_reasons=tuple(
            (value, str(label)) for value, label in Skip.Reason.choices if value != Skip.Reason.DECLINED
        ),
    )


_BLANK_FORMS: dict[tuple[str, str | None], SafeString] = {}


def _form(
    spec: RubricSpec,
    sha256: str,
    answers: Answers,
    errors: Mapping[str, str],
    evidence: tuple[Passage, ...],
) -> SafeString:
    """The questions as HTML. Without answers a published rubric's form never changes: it is rendered once a process."""
    if answers or errors or evidence:
        shown = questions(spec, answers, errors, evidence)
        return render_to_string("annotate/_questions.html", {"questions": shown})
    key = sha256, get_language()
    if key not in _BLANK_FORMS:
        _BLANK_FORMS[key] = render_to_string("annotate/_questions.html", {"questions": questions(spec, {})})
    return _BLANK_FORMS[key]


def time_left(begun: Moments, progress: Progress) -> str:
    """How long the rest will take at the annotator's own pace; empty while there is no pace, or no rest."""
    pace = seconds_an_item(begun)
    if pace is None or progress.done >= progress.total:
        return ""
    minutes = pace * (progress.total - progress.done) / 60
    if minutes < 90:
        return _("about %(n)d min left") % {"n": max(5, 5 * round(minutes / 5))}
    return _("about %(n)d h left") % {"n": round(minutes / 60)}
