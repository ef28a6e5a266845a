"""Judges: who they are, and each held against the newest gold release."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.judging import UNPARSED, CriterionValidation, validate_judge
from ihlannotate.pipeline.judging.scores import scored_criteria
from ihlannotate.pipeline.refusals import Refused, translated
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.pipeline.reporting.judge_plots import Part, Rate, parts_of, rates_of, rates_plot
from ihlannotate.pipeline.reporting.judge_tables import stem_of
from ihlannotate.pipeline.reporting.plots import Plot, shade
from ihlannotate.pipeline.reporting.words import Reading, alt_test_words, judge_reading
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.ceiling import AnnotatorCeiling
from ihlannotate.stats.judging import LabelErrors
from ihlannotate.web.access import coordinator_in, signed_in

MOST_LABELS = 60


@dataclass(frozen=True)
class JudgeLine:
    """One judge in the list: verdicts by criterion, and how many of them could not be parsed."""

    pk: int
    name: str
    verdicts: tuple[tuple[str, int, int], ...]  # title of the criterion, verdicts, unparsed


@require_safe
@signed_in
def judges(request: HttpRequest, slug: str) -> HttpResponse:
    """The judges of the study and what they gave verdicts on."""
    study = coordinator_in(request, slug)
    context = {
        "study": study,
        "section": "judges",
        "judges": _judge_lines(study),
        "release": latest_release(study),
    }
    return render(request, "coordinate/judges.html", context)


def _judge_lines(study: Study) -> list[JudgeLine]:
    titles = {one.key: one.title for one in levelled_criteria(study)}
    rows = (
        Verdict.objects.filter(judge__study=study)
        .values_list("judge", "criterion__key")
        .annotate(verdicts=Count("pk"), unparsed=Count("pk", filter=Q(value="")))
        .order_by("criterion__position")
    )
    by_judge: dict[int, list[tuple[str, int, int]]] = {}
    for judge, key, verdicts, unparsed in rows:
        by_judge.setdefault(judge, []).append((titles.get(key, key), verdicts, unparsed))
    return [
        JudgeLine(one.pk, one.name, tuple(by_judge.get(one.pk, ()))) for one in study.judges.order_by("name")
    ]


@dataclass(frozen=True)
class Cell:
    """A cell of the confusion matrix; `gold` and `verdict` are the levels it counts."""

    count: int
    shade: int
    agrees: bool
    gold: str
    verdict: str


@dataclass(frozen=True)
class ConfusionRow:
    label: str
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True)
class Validation:
    """One criterion of a validation as its page shows it."""

    stem: str  # of the names of its tables as files
    found: CriterionValidation
    reading: Reading
    alt_test: str
    labels: tuple[str, ...]
    confusion: tuple[ConfusionRow, ...]
    errors: tuple[tuple[str, LabelErrors], ...]
    rates: tuple[Rate, ...]
    ceiling: tuple[tuple[str, AnnotatorCeiling], ...]
    rates_plot: Plot
    parts: tuple[Part, ...]


@require_safe
@signed_in
def judge(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A judge held against gold, criterion by criterion; by model and condition only once the study is unblinded."""
    study = coordinator_in(request, slug)
    known = Judge.objects.filter(study=study, pk=pk).first()
    if known is None:
        raise Http404
    context: dict[str, object] = {
        "study": study,
        "section": "judges",
        "judge": known,
        "readings": _readings(study, known),
    }
    try:
        report = validate_judge(study, known.name)
    except Refused as refusal:
        context["refusal"] = refusal
    else:
        specs = {one.key: one for one in levelled_criteria(study)}
        context["report"] = report
        context["scored"] = scored_criteria(known)
        context["conclusion"] = translated(report.conclusion)
        context["validations"] = [
            _validation(one, specs[one.key], stem_of(known.pk, one.key)) for one in report.criteria
        ]
    return render(request, "coordinate/judge.html", context)


def _readings(study: Study, known: Judge) -> list[tuple[str, list[tuple[str, str]]]]:
    """Question by question, how the judge's labels were read: (its label, the level's), the first few of many."""
    specs = {one.key: one for one in levelled_criteria(study)}
    rows = (
        Verdict.objects.filter(judge=known)
        .exclude(value="")
        .order_by("criterion__position", "raw")
        .values_list("criterion__key", "raw", "value")
        .distinct()[:MOST_LABELS]
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for key, raw, value in rows:
        if key in specs:
            names = {option.value: option.label for option in specs[key].options}
            found.setdefault(specs[key].title, []).append((raw, names.get(value, value)))
    return list(found.items())


def _validation(found: CriterionValidation, spec: CriterionSpec, stem: str) -> Validation:
    labels = tuple(option.label for option in spec.options)
    rates = rates_of(found, labels)
    return Validation(
        stem=stem,
        found=found,
        reading=judge_reading(found),
        alt_test=alt_test_words(found.alt_test),
        labels=labels,
        confusion=_confusion(
            labels, [option.value for option in spec.options], found.report.confusion.matrix
        ),
        errors=tuple(zip(labels, found.report.per_label, strict=True)),
        rates=rates,
        ceiling=tuple((found.aliases[one.annotator], one) for one in found.ceiling.per_annotator),
        rates_plot=rates_plot(rates),
        parts=parts_of(found),
    )


def _confusion(
    labels: Sequence[str], levels: Sequence[str], matrix: Sequence[Sequence[int]]
) -> tuple[ConfusionRow, ...]:
    most = max((count for row in matrix for count in row), default=0)
    columns = [*levels, UNPARSED]
    return tuple(
        ConfusionRow(
            label,
            tuple(
                Cell(count, shade(count, most), k == place, levels[place], columns[k])
                for k, count in enumerate(row)
            ),
            sum(row),
        )
        for place, (label, row) in enumerate(zip(labels, matrix, strict=True))
    )
