"""A study's report: one HTML file that needs no other, with its methods, agreement, gold, judges and findings."""

from collections.abc import Callable
from contextlib import suppress

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

import ihlannotate
from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.judge import Judge
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import agreement
from ihlannotate.pipeline.findings import findings
from ihlannotate.pipeline.judging import validate_judge
from ihlannotate.pipeline.judging.scores import judge_scores, scored_criteria
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing.facts import gather
from ihlannotate.pipeline.reporting.blocks import Facts, Report, Typesetter
from ihlannotate.pipeline.reporting.figures import day
from ihlannotate.pipeline.reporting.references import REFERENCES
from ihlannotate.pipeline.reporting.report_judges import Judged
from ihlannotate.pipeline.reporting.report_methods import methods, sources
from ihlannotate.pipeline.reporting.report_results import Results
from ihlannotate.pipeline.reporting.report_summary import summary
from ihlannotate.writers.plots.palette import NAMES

Progress = Callable[[str, int, int], None]
SEED, REPLICATES = 0, 1000


def report_of(study: Study, release: GoldRelease, *, progress: Progress) -> Report:
    """The report of a closed study on its gold release, in the language that is active.

    Blinded until the study is unblinded: then it names models and conditions. Every figure is that of the verb behind
    its page. Seeds and replicates are those of the pages.
    """
    judges = list(study.judges.order_by("name"))
    steps = len(judges) + 3

    def done(at: int) -> None:
        progress(_("Computing the figures"), at, steps)

    done(0)
    measured = agreement(study, seed=SEED, replicates=REPLICATES)
    judged = []
    for at, judge in enumerate(judges, start=1):
        done(at)
        if judge.verdicts.exists():
            judged.append(_judged(study, judge))
    done(len(judges) + 1)
    found = findings(study, seed=SEED, replicates=REPLICATES) if study.is_unblinded else None
    done(len(judges) + 2)
    results = Results(study, release, measured, judged, found)
    return Report(
        title=study.title,
        facts=_facts(study, release),
        sections=(
            summary(study, results.specs, measured, [one.report for one in judged], found),
            methods(study, gather(study), seed=SEED, replicates=REPLICATES),
            results.of_agreement(),
            results.of_gold(),
            results.of_judges(),
            results.of_findings(),
            sources(REFERENCES),
            *results.behind(),
        ),
        blinded=not study.is_unblinded,
    )


def _judged(study: Study, judge: Judge) -> Judged:
    scores = []
    for key in scored_criteria(judge):
        with suppress(Refused):  # no score has gold beside it
            scores.append(judge_scores(study, judge.name, key, seed=SEED, replicates=REPLICATES))
    report = validate_judge(study, judge.name, seed=SEED, replicates=REPLICATES)
    return Judged(judge, report, tuple(scores))


def report_html(report: Report) -> str:
    """The report as an HTML file: no script, nothing fetched, its tables as CSV and LaTeX inside."""
    context = {
        "report": report,
        "sections": Typesetter().set(report),
        "colours": [(name, colour) for colour, name in NAMES.items()],
    }
    return render_to_string("report/report.html", context)


def _facts(study: Study, release: GoldRelease) -> Facts:
    rubric = study.rubric
    return Facts(
        (
            (_("Study"), study.slug),
            (_("Date of the data"), day(release.released_at)),
            (_("Gold release"), str(release.number)),
            (_("SHA-256 of the release"), release.sha256),
            (_("Rubric"), f"{rubric.name} {rubric.version}"),
            (_("SHA-256 of the rubric"), rubric.sha256),
            (_("Software"), f"ihlannotate {ihlannotate.__version__}"),
            (
                _("State"),
                _("unblinded: models and conditions are named")
                if study.is_unblinded
                else _("sealed: no model and no condition is named"),
            ),
        )
    )
