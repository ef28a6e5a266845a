"""An item as its adjudicator meets it: at first without anybody's answer; once their own opinion stands, with all.

Frozen plain data, under no name and no alias: who is annotator 1 of an item is drawn anew for each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ihlannotate.models.annotation import Answer, Evidence
from ihlannotate.models.gold import Adjudication
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.adjudicating.opinions import Standing, asked_first, standing_of
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.annotating.evidence import Mark, Passage, passages
from ihlannotate.pipeline.assigning.order import jitter
from ihlannotate.pipeline.discussing import Remark, is_discussed, may_write, remarks_on
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.masking import Masked, masked
from ihlannotate.readers.rubric import CriterionSpec, RubricSpec


@dataclass(frozen=True)
class Text:
    """What is judged: an opaque code, the prompt, and the masked response; `covered` until it is asked for."""

    code: str
    prompt: str
    language: str
    response: Masked
    covered: bool


@dataclass(frozen=True)
class Unseen:
    """The first step: the texts, and the questions that the adjudicator answers before anything else."""

    text: Text
    rubric: RubricSpec


@dataclass(frozen=True)
class Voice:
    """One annotator's answer: their number on this item alone, the level's value (None: not asked), the evidence."""

    number: int
    value: str | None
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Comment:
    """What an annotator wrote: their number on this item alone, the question it stands under, the text."""

    number: int
    title: str
    text: str


@dataclass(frozen=True)
class Settled:
    """How this adjudicator has settled a question; an empty value: reasonable lawyers differ."""

    value: str
    reason: str


@dataclass(frozen=True)
class Seen:
    """A question with everybody's answers. `opinion` is None where the adjudicator's other answers ruled it out."""

    spec: CriterionSpec
    opinion: str | None
    voices: tuple[Voice, ...]
    settled: Settled | None


@dataclass(frozen=True)
class Opened:
    """The second step: the annotators' answers beside the adjudicator's own, their comments, and the discussion."""

    text: Text
    questions: tuple[Seen, ...]
    comments: tuple[Comment, ...]
    remarks: tuple[Remark, ...]
    may_write: bool


def item_for(member: Membership, code: str) -> Unseen | Opened | None:
    """The item with this code as far as the adjudicator may see it now.

    None where no question of it is open and they have settled none themselves, unless they have given an opinion and
    it is discussed: then it has no questions, and its comments and notes can be read and answered. No answer to a
    question is in what is returned before their own opinion of it stands (or their other answers rule it out), and no
    comment or note before they have given one at all. A question that became contested since then is asked after the
    others are settled.
    """
    study = member.study
    response = Response.objects.filter(study=study, code=code).select_related("prompt").first()
    if response is None:
        return None
    standing = standing_of(member, response)
    known = {*standing.opinions, *standing.moot}
    if standing.waiting and known.isdisjoint(standing.open):
        return Unseen(_text(study, response), asked_first(study, standing.waiting))
    settled = _settled_by(member, response)
    concerned = known & {*standing.open, *settled}
    shown = [one for one in levelled_criteria(study) if one.key in concerned]
    if shown or (standing.opinions and is_discussed(response.pk)):
        return _opened(member, response, shown, standing, settled)
    return None


def _text(study: Study, response: Response) -> Text:
    return Text(
        code=response.code,
        prompt=response.prompt.text,
        language=response.prompt.language,
        response=masked(response.text, study.masked_words),
        covered=study.blur_responses,
    )


def _settled_by(member: Membership, response: Response) -> dict[str, Settled]:
    rows = Adjudication.objects.filter(adjudicator=member, response=response).order_by("number")
    return {
        key: Settled(value, reason)
        for key, value, reason in rows.values_list("criterion__key", "value", "reason")
    }


def _opened(
    member: Membership,
    response: Response,
    shown: Sequence[CriterionSpec],
    standing: Standing,
    settled: Mapping[str, Settled],
) -> Opened:
    study = member.study
    text = _text(study, response)
    asked = [one.key for one in shown] or list(standing.opinions)
    answers, comments = _said(study, response, asked)
    people = {who for who, _key in (*answers, *comments)}
    order = sorted(people, key=lambda who: jitter(study.seed, f"shown {response.code} {who}"))
    marks = _marks({revision for _value, revision in answers.values()})
    voices = {
        one.key: tuple(
            Voice(
                number,
                answers[who, one.key][0] if (who, one.key) in answers else None,
                passages(text.response, marks.get((answers[who, one.key][1], one.key), ()))
                if (who, one.key) in answers
                else (),
            )
            for number, who in enumerate(order, start=1)
        )
        for one in shown
    }
    titles = {one.key: one.title for one in spec_of(study.rubric).criteria}
    return Opened(
        text=text,
        questions=tuple(
            Seen(one, standing.opinions.get(one.key), voices[one.key], settled.get(one.key)) for one in shown
        ),
        comments=tuple(
            Comment(number, titles[key], comments[who, key])
            for number, who in enumerate(order, start=1)
            for key in titles
            if (who, key) in comments
        ),
        remarks=remarks_on(response.pk, reader=member),
        may_write=may_write(member, response),
    )


_Said = tuple[dict[tuple[int, str], tuple[str, int]], dict[tuple[int, str], str]]


def _said(study: Study, response: Response, keys: Sequence[str]) -> _Said:
    """(annotator, key) -> the level and the revision it stands in; and -> the comments."""
    texts = [one.key for one in spec_of(study.rubric).criteria if one.kind == "text" and not one.self_report]
    rows = Answer.objects.filter(
        study=study, response=response, occasion=1, live=True, criterion__key__in=[*keys, *texts]
    )
    answers: dict[tuple[int, str], tuple[str, int]] = {}
    comments: dict[tuple[int, str], str] = {}
    for who, key, value, text, revision in rows.values_list(
        "annotator_id", "criterion__key", "value", "text", "revision_id"
    ):
        if key in keys:
            answers[who, key] = (value, revision)
        else:
            comments[who, key] = text
    return answers, comments


def _marks(revisions: set[int]) -> dict[tuple[int, str], list[Mark]]:
    """(revision, key) -> the passages marked for that question."""
    found: dict[tuple[int, str], list[Mark]] = {}
    rows = Evidence.objects.filter(revision__in=revisions)
    for revision, key, start, end in rows.values_list("revision_id", "criterion__key", "start", "end"):
        found.setdefault((revision, key), []).append(Mark(key, start, end))
    return found
