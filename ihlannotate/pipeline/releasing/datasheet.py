"""The datasheet of a release, in Markdown: who rated what and how, how far they agreed, and what the labels can't tell.

It is written from the data alone, in English whoever asks, so that the same data give the same text.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import override

import ihlannotate
from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import AgreementReport, agreement
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.releasing.describing import about, blinding, items, people, preparation
from ihlannotate.pipeline.releasing.facts import Facts, gather
from ihlannotate.pipeline.releasing.fitting import SMOOTHING, STARTS, Fit
from ihlannotate.pipeline.releasing.limits import known_limits
from ihlannotate.pipeline.releasing.markdown import escaped, figure, listing, number, table
from ihlannotate.pipeline.releasing.settling import Settled, Tier, shown_tiers
from ihlannotate.stats.calibration import LEAST


@dataclass(frozen=True)
class Gold:
    """The labels that a datasheet is about. `weights`: level of confidence -> what it counts, None where all are alike.

    `fits`: criterion -> its model, where anybody rated.
    """

    method: str
    seed: int
    weights: Mapping[str, float] | None
    settled: Sequence[Settled]
    fits: Mapping[str, Fit]


def datasheet(study: Study, gold: Gold) -> str:
    """The datasheet of the labels that the study would release now: Markdown, its headings of the second level."""
    with override("en"):
        facts, report = gather(study), agreement(study)
        parts = [
            about(study),
            items(study, facts.items),
            people(study, facts),
            preparation(facts),
            _agreement(report),
            _repeats(report),
            _labels(gold),
            _model(gold),
            _calibration(gold),
            _adjudication(facts),
            blinding(study),
            known_limits(spec_of(study.rubric), facts, report, gold.settled, gold.fits),
            _versions(study, gold),
        ]
        sections = ["\n".join(lines) for lines in parts]
    return "\n\n".join(section for section in sections if section) + "\n"


def document(release: GoldRelease) -> str:
    """A release's datasheet as a file of its own: the text that was kept, under what came with its number."""
    said = release.parameters
    head = table(
        ("This release", ""),
        (
            ("Made", f"{release.released_at.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC"),
            ("SHA-256 over its labels and this text from the first section on", release.sha256),
            ("Made with", f"numpy {said['numpy']}, scipy {said['scipy']}"),
            ("The study's audit log stood at", f"event {said['audit']['number']}, {said['audit']['digest']}"),
        ),
    )
    title = f"# Gold labels of {escaped(release.study.slug)}, release {release.number}"
    return "\n".join([title, "", *head, "", release.datasheet])


def _agreement(report: AgreementReport) -> Iterator[str]:
    yield from ("## Agreement", "")
    yield (
        "Among annotators, before any adjudication, with 95% intervals from "
        f"{number(report.replicates)} bootstrap replicates over prompts (seed {report.seed}). A question with a "
        "condition was asked only where it held; answers that are sets are compared by MASI distance."
    )
    yield ""
    rows = [
        (
            _asked(one.key, one.condition),
            one.level,
            number(one.reliability.units),
            number(one.reliability.pairable_units),
            figure(one.reliability.percent_agreement, percent=True),
            figure(one.reliability.krippendorff_alpha),
            f"{figure(one.reliability.gwet_ac)} {one.reliability.gwet_kind[:3]}",
            figure(one.reliability.fleiss_kappa),
        )
        for one in report.criteria
    ]
    rows += [
        (
            _asked(one.key, one.condition),
            one.level,
            number(one.reliability.units),
            number(one.reliability.pairable_units),
            figure(one.reliability.percent_agreement, percent=True),
            figure(one.reliability.krippendorff_alpha),
            "–",
            "–",
        )
        for one in report.sets
    ]
    header = ("Question", "Level", "Responses", "Rated twice or more", "Percent agreement")
    yield from table((*header, "Krippendorff's α", "Gwet's AC", "Fleiss' κ"), rows)


def _asked(key: str, condition: str) -> str:
    return f"{escaped(key)} ({escaped(condition)})" if condition else escaped(key)


def _repeats(report: AgreementReport) -> Iterator[str]:
    measured = [(one.key, one.detail.intra.pooled) for one in report.criteria if one.detail]
    found = [(key, repeats) for key, repeats in measured if repeats.n]
    if not found:
        return
    yield from ("## Agreement of annotators with themselves", "")
    yield from ("From items that came back unannounced, much later, to the same annotator.", "")
    yield from table(
        ("Question", "Repeats", "Percent agreement", "Krippendorff's α"),
        (
            (
                escaped(key),
                number(one.n),
                figure(one.percent_agreement, percent=True),
                figure(one.krippendorff_alpha),
            )
            for key, one in found
        ),
    )


def _labels(gold: Gold) -> Iterator[str]:
    counts = {one.criterion: one.by_tier() for one in gold.settled}
    tiers = shown_tiers(counts.values())
    yield from ("## Gold labels", "")
    yield (
        "The level that more than half of the annotators chose; an adjudication decides against any vote. Contested "
        "responses are kept with the distribution of their answers and have no level."
    )
    if Tier.INAPPLICABLE in tiers:
        yield (
            "A question with a condition does not apply where the gold level of the question that it hangs on rules it "
            "out: the answers of those who were asked it are kept, but give no level, unless an adjudicator settled "
            f"that question too (tier “{Tier.INAPPLICABLE}”)."
        )
    yield ""
    yield from table(
        ("Question", *(str(tier) for tier in tiers), "all"),
        (
            (
                escaped(key),
                *(number(found.get(tier, 0)) for tier in tiers),
                number(sum(found.values())),
            )
            for key, found in counts.items()
        ),
    )


def _model(gold: Gold) -> Iterator[str]:
    if not gold.fits:
        return
    yield from ("## Model of annotators' errors", "")
    yield (
        "Beside its level each label has a posterior, from the model of Dawid and Skene (1979), fitted by EM with "
        f"{SMOOTHING} added to every cell, from majority vote, from the proportions of the answers and from {STARTS} "
        f"random starts (seed {gold.seed}). The start with the highest likelihood is kept."
    )
    if gold.weights:
        said = listing(f"{escaped(level)} {weight:.2f}" for level, weight in gold.weights.items())
        yield f"Annotations count by the confidence that came with them: {said}; without one, 1."
    yield ""
    yield from table(
        ("Question", "Start kept", "Log-likelihood", "Worst start", "Iterations", "Converged"),
        (
            (
                escaped(key),
                fit.start,
                f"{fit.log_likelihood:.3f}",
                f"{fit.log_likelihood - fit.behind:.3f}",
                number(fit.iterations),
                "yes" if fit.converged else "no",
            )
            for key, fit in gold.fits.items()
        ),
    )


def _calibration(gold: Gold) -> Iterator[str]:
    if not gold.fits:
        return
    found = {key: fit.calibration for key, fit in gold.fits.items()}
    checked = {key: one for key, one in found.items() if one.n >= LEAST}
    few = [f"{escaped(key)} ({one.n})" for key, one in found.items() if key not in checked]
    yield from ("## Is the posterior calibrated?", "")
    if checked:
        yield (
            "The posterior before adjudication against the level that an adjudicator then chose. It speaks of the "
            "responses that were adjudicated, which are mostly those on which annotators differed."
        )
        yield ""
        yield from table(
            (
                "Question",
                "Adjudicated responses",
                "Brier score",
                "Expected calibration error",
                "The same by chance",
            ),
            (
                (escaped(key), number(one.n), figure(one.brier), figure(one.ece), figure(one.ece_by_chance))
                for key, one in checked.items()
            ),
        )
    if checked and few:
        yield ""
    if few:
        yield (
            f"That is not known where fewer than {LEAST} responses with annotations were adjudicated to a level: "
            f"{listing(few)}."
        )


def _adjudication(facts: Facts) -> Iterable[str]:
    if not facts.settling:
        return ("## Adjudication", "", "Nothing was adjudicated.")
    return (
        "## Adjudication",
        "",
        *table(
            ("Question", "Settled", "Of these “reasonable lawyers differ”", "Of these imported"),
            (
                (escaped(key), number(one.settled), number(one.undecided), number(one.imported))
                for key, one in facts.settling.items()
            ),
        ),
    )


def _versions(study: Study, gold: Gold) -> Iterable[str]:
    return (
        "## Versions",
        "",
        *table(
            ("What", "Which"),
            (
                ("Rubric", f"{escaped(study.rubric.name)} {escaped(study.rubric.version)}"),
                ("SHA-256 of the rubric", study.rubric.sha256),
                ("Method", f"{gold.method}, posterior by Dawid and Skene"),
                ("Seed", str(gold.seed)),
                ("Software", f"ihlannotate {ihlannotate.__version__}"),
            ),
        ),
    )
