"""What annotators' templates show, as frozen plain data: never a model instance, never another's answers."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ihlannotate.models.annotation import Revision
from ihlannotate.models.assignment import Skip
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.annotating import ItemPage, Progress
from ihlannotate.pipeline.annotating.notice import must_read_notice
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.rubric import RubricSpec
from ihlannotate.web.markdown import render_markdown
from ihlannotate.web.questions import Answers, questions

RECENT = 50  # ratings from which the pace is taken
FEWEST = 5  # with fewer there is no pace to speak of


@dataclass(frozen=True)
class StudyPage:
    """A study as its annotators see it."""

    code: str
    title: str
    description: str
    guidelines: SafeString
    notice: SafeString
    must_read_notice: bool
    is_open: bool
    has_begun: bool


@dataclass(frozen=True)
class Desk:
    """One item with its form. `message` says why what was sent was not taken; `errors` counts the wrong answers."""

    page: ItemPage
    response: SafeString
    questions: SafeString
    editable: bool
    message: str
    errors: int
    skip_reasons: tuple[tuple[str, str], ...]


def study_page(member: Membership) -> StudyPage:
    study = member.study
    return StudyPage(
        code=study.code,
        title=study.title,
        description=study.description,
        guidelines=render_markdown(study.guidelines),
        notice=render_markdown(study.content_notice),
        must_read_notice=must_read_notice(member),
        is_open=study.is_open,
        has_begun=study.opened_at is not None,
    )


def desk_of(
    page: ItemPage,
    *,
    rubric_sha256: str,
    answers: Answers | None = None,
    refused: Refused | None = None,
) -> Desk:
    """An item's page, with the answers that were sent and what is wrong with them where they were refused.

    `rubric_sha256` names the page's rubric.
    """
    errors = {one.column: one.message for one in refused.problems if one.column} if refused else {}
    return Desk(
        page=page,
        response=render_markdown(page.response),
        questions=_form(page.rubric, rubric_sha256, page.answers if answers is None else answers, errors),
        editable=page.study_open and not page.skipped,
        message=refused.message if refused else "",
        errors=len(errors),
        skip_reasons=tuple(
            (value, str(label)) for value, label in Skip.Reason.choices if value != Skip.Reason.DECLINED
        ),
    )


_BLANK_FORMS: dict[tuple[str, str | None], SafeString] = {}


def _form(spec: RubricSpec, sha256: str, answers: Answers, errors: Mapping[str, str]) -> SafeString:
    """The questions as HTML. Without answers a published rubric's form never changes: it is rendered once a process."""
    if answers or errors:
        return render_to_string("annotate/_questions.html", {"questions": questions(spec, answers, errors)})
    key = sha256, get_language()
    if key not in _BLANK_FORMS:
        _BLANK_FORMS[key] = render_to_string("annotate/_questions.html", {"questions": questions(spec, {})})
    return _BLANK_FORMS[key]


def time_left(member: Membership, progress: Progress) -> str:
    """How long the rest will take at the annotator's own pace; empty while there is no pace, or no rest."""
    recent = Revision.objects.filter(annotation__assignment__annotator=member, number=1).order_by("-pk")
    seconds = [one for one in recent.values_list("seconds", flat=True)[:RECENT] if one is not None]
    if len(seconds) < FEWEST or progress.done >= progress.total:
        return ""
    minutes = statistics.median(seconds) * (progress.total - progress.done) / 60
    if minutes < 90:
        return _("about %(n)d min left") % {"n": max(5, 5 * round(minutes / 5))}
    return _("about %(n)d h left") % {"n": round(minutes / 60)}
