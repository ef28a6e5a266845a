"""A judge's validation as tables: figures, confusion, errors by label, annotators beside it, prevalence, parts."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from ihlannotate.pipeline.judging import CriterionValidation, JudgeSlice, ValidationReport
from ihlannotate.pipeline.refusals import translated
from ihlannotate.pipeline.reporting.cells import (
    coefficient_cell,
    how,
    p_cell,
    points_cell,
    sentences,
    share_cell,
    table,
)
from ihlannotate.pipeline.reporting.conditions import where
from ihlannotate.pipeline.reporting.figures import plain
from ihlannotate.pipeline.reporting.words import alt_test_words, part_label, part_title
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.estimate import Estimate
from ihlannotate.writers.tables import Cell, Table

Specs = Mapping[str, CriterionSpec]


def judge_tables(report: ValidationReport, specs: Specs, *, number: int) -> tuple[Table, ...]:
    """All tables of a judge's report; `specs` are the rubric's criteria by their keys, and `number` tells judges apart
    in the tables' names.
    """
    return tuple(one for found in report.criteria for one in _of_criterion(report, found, specs, number))


def stem_of(number: int, key: str) -> str:
    """How the names begin of the tables of a judge on a criterion."""
    return f"judge-{number}-{key}"


def _of_criterion(
    report: ValidationReport, found: CriterionValidation, specs: Specs, number: int
) -> Iterator[Table]:
    spec = specs[found.key]
    stem = stem_of(number, found.key)
    said = {"judge": report.judge, "question": found.title}
    release = sentences(
        where(specs, spec.show_if), _("Gold release %(number)s.") % {"number": report.release}
    )
    made = sentences(release, how(report.replicates, report.seed))
    labels = [option.label for option in spec.options]
    yield table(
        f"{stem}-figures",
        _("%(judge)s on “%(question)s”, against gold") % said,
        (_("Statistic"), _("Responses"), _("Unparsed counted as wrong"), _("Unparsed left out")),
        list(_figures(found)),
        note=made,
    )
    yield table(
        f"{stem}-confusion",
        _("%(judge)s on “%(question)s”: gold in rows, verdicts in columns") % said,
        (_("Gold"), *labels, _("unparsed"), _("All")),
        [(label, *row, sum(row)) for label, row in zip(labels, found.report.confusion.matrix, strict=True)],
        note=release,
    )
    yield table(
        f"{stem}-levels",
        _("%(judge)s on “%(question)s”: each level against all others") % said,
        (_("Level"), _("Sensitivity"), _("Specificity"), _("Precision"), "F1"),
        [
            (
                label,
                *(share_cell(it) for it in (one.sensitivity, one.specificity, one.precision)),
                coefficient_cell(one.f1),
            )
            for label, one in zip(labels, found.report.per_label, strict=True)
        ],
        note=made,
    )
    yield table(
        f"{stem}-annotators",
        _("%(judge)s and annotators on “%(question)s”, against the majority of the other annotators") % said,
        (_("Who"), _("Responses"), _("Accuracy"), _("Cohen’s κ")),
        list(_ceiling(found)),
        note=sentences(made, alt_test_words(found.alt_test)),
    )
    if found.alt_test.per_annotator:
        yield _alternative(found, stem, said, release)
    yield table(
        f"{stem}-prevalence",
        _("How common each level of “%(question)s” is, by %(judge)s alone and corrected by gold") % said,
        (_("Level"), _("Judge alone"), _("Gold alone"), _("Corrected (Rogan–Gladen)"), "PPI++"),
        [
            (label, *(share_cell(it) for it in (one.naive, one.gold, one.corrected, one.ppi)))
            for label, (_value, one) in zip(labels, found.prevalence, strict=True)
        ],
        note=release,
    )
    if found.slices:
        yield table(
            f"{stem}-parts",
            _("%(judge)s on “%(question)s”, on parts of the study") % said,
            (_("By"), _("Part"), _("Responses"), _("Accuracy"), _("Cohen’s κ")),
            [_part(one) for one in found.slices],
            texts=2,
            note=made,
        )


def _alternative(found: CriterionValidation, stem: str, said: Mapping[str, str], release: str) -> Table:
    test = found.alt_test
    rates = _("Winning rate ω = %(omega)s, advantage probability ρ = %(rho)s.") % {
        "omega": plain(test.winning_rate),
        "rho": plain(test.advantage_probability),
    }
    corrected = _("p is one-sided, against ε, before the correction of Benjamini and Yekutieli.")
    return table(
        f"{stem}-alt-test",
        _("%(judge)s in place of each annotator on “%(question)s”: the alternative annotator test") % said,
        (
            _("Annotator"),
            _("Responses"),
            _("Judge at least as close to the others"),
            "p",
            _("Judge wins"),
        ),
        [
            (
                found.aliases[one.annotator],
                one.items,
                share_cell(Estimate(one.advantage_probability, None, None)),
                p_cell(one.p_value),
                _("yes") if one.rejected else _("no"),
            )
            for one in test.per_annotator
        ],
        note=sentences(release, alt_test_words(test), rates, corrected, translated(test.note)),
    )


def _figures(found: CriterionValidation) -> Iterator[Sequence[Cell]]:
    report = found.report
    dropped = report.parsed_only
    yield (_("Accuracy"), report.n, share_cell(report.accuracy), share_cell(dropped.accuracy, dropped.n))
    yield (
        _("Cohen’s κ"),
        report.n,
        coefficient_cell(report.cohen_kappa),
        coefficient_cell(dropped.cohen_kappa, dropped.n),
    )
    if found.level != "nominal":
        yield (_("Weighted κ (quadratic)"), dropped.n, "", coefficient_cell(report.weighted_kappa, dropped.n))
    for name, one in (
        (_("Krippendorff’s α"), report.krippendorff_alpha),
        (_("MCC"), report.mcc),
        (_("Macro F1"), report.macro_f1),
    ):
        yield (name, report.n, coefficient_cell(one), "")


def _ceiling(found: CriterionValidation) -> Iterator[Sequence[Cell]]:
    ceiling = found.ceiling
    for one in ceiling.per_annotator:
        yield (
            found.aliases[one.annotator],
            one.n,
            share_cell(one.human_accuracy),
            coefficient_cell(one.human_kappa),
        )
    n = sum(one.n for one in ceiling.per_annotator)
    yield (
        _("Annotators, mean"),
        n,
        share_cell(ceiling.human_accuracy),
        coefficient_cell(ceiling.human_kappa),
    )
    yield _("Judge, mean"), n, share_cell(ceiling.judge_accuracy), coefficient_cell(ceiling.judge_kappa)
    yield _("Judge minus annotators"), n, points_cell(ceiling.accuracy_difference), ""


def _part(one: JudgeSlice) -> Sequence[Cell]:
    return (
        part_title(one.kind),
        part_label(one),
        one.found.n,
        share_cell(one.found.accuracy),
        coefficient_cell(one.found.cohen_kappa),
    )
