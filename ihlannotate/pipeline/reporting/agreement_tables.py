"""Agreement as tables: every question in one, then its levels, pairs, annotators, repeats and parts."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from ihlannotate.pipeline.agreement import AgreementReport, CriterionAgreement, Detail, SetAgreement
from ihlannotate.pipeline.refusals import translated
from ihlannotate.pipeline.reporting.cells import (
    UNDEFINED,
    coefficient_cell,
    how,
    sentences,
    share_cell,
    table,
)
from ihlannotate.pipeline.reporting.conditions import where
from ihlannotate.pipeline.reporting.figures import fixed
from ihlannotate.pipeline.reporting.words import slice_label
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.estimate import Estimate
from ihlannotate.writers.tables import Cell, Figure, Table

Specs = Mapping[str, CriterionSpec]


def level_words() -> dict[str, str]:
    """What a criterion's answers are to the statistics."""
    return {
        "nominal": _("nominal"),
        "ordinal": _("ordinal"),
        "interval": _("interval"),
        "nominal sets": _("sets of labels"),
    }


def agreement_tables(report: AgreementReport, specs: Specs) -> tuple[Table, ...]:
    """All tables of a report; `specs` are the rubric's criteria by their keys, whose labels are shown."""
    made = how(report.replicates, report.seed)
    tables = [_overview(report, made)]
    for one in report.criteria:
        tables += _of_criterion(one, specs, made)
    for sets in report.sets:
        tables += _of_sets(sets, specs, made)
    return tuple(tables)


def _overview(report: AgreementReport, made: str) -> Table:
    rows: list[Sequence[Cell]] = []
    for one in report.criteria:
        found = one.reliability
        rows.append(
            (
                one.title,
                level_words()[one.level],
                found.units,
                found.pairable_units,
                share_cell(found.percent_agreement),
                coefficient_cell(found.krippendorff_alpha),
                coefficient_cell(found.gwet_ac),
                coefficient_cell(found.fleiss_kappa),
            )
        )
    for sets in report.sets:
        rows.append(
            (
                sets.title,
                level_words()[sets.level],
                sets.reliability.units,
                sets.reliability.pairable_units,
                share_cell(sets.reliability.percent_agreement),
                coefficient_cell(sets.reliability.krippendorff_alpha),
                UNDEFINED,
                UNDEFINED,
            )
        )
    kinds = "; ".join(f"{one.title}: {translated(one.reliability.gwet_kind)}" for one in report.criteria)
    return table(
        "agreement",
        _("Agreement among annotators, before any adjudication"),
        (
            _("Question"),
            _("Level"),
            _("Responses"),
            _("Rated twice or more"),
            _("Percent agreement"),
            _("Krippendorff’s α"),
            _("Gwet’s AC"),
            _("Fleiss’ κ"),
        ),
        rows,
        texts=2,
        note=f"{made} {_('Gwet’s AC:')} {kinds}." if kinds else made,
    )


def _of_criterion(one: CriterionAgreement, specs: Specs, made: str) -> Iterator[Table]:
    made = sentences(where(specs, specs[one.key].show_if), made)
    labels = {option.value: option.label for option in specs[one.key].options}
    shares = dict(one.reliability.prevalence)
    yield table(
        f"agreement-{one.key}-levels",
        _("“%(question)s”: agreement by level, each against all others") % {"question": one.title},
        (_("Level"), _("Share of annotations"), _("Krippendorff’s α")),
        [
            (
                labels[level],
                share_cell(shares[place]) if place in shares else UNDEFINED,
                coefficient_cell(alphas[place]) if place in alphas else UNDEFINED,
            )
            for alphas in (dict(one.reliability.per_category),)
            for place, level in enumerate(one.labels)
        ],
        note=made,
    )
    if one.pairs:
        weighted = one.level != "nominal"
        yield table(
            f"agreement-{one.key}-pairs",
            _("“%(question)s”: agreement of each pair of annotators") % {"question": one.title},
            (
                _("Annotators"),
                _("Responses in common"),
                _("Percent agreement"),
                _("Cohen’s κ"),
                *((_("Weighted κ (quadratic)"),) if weighted else ()),
            ),
            [
                (
                    f"{pair.a}, {pair.b}",
                    pair.n,
                    share_cell(pair.percent_agreement),
                    coefficient_cell(pair.cohen_kappa),
                    *((coefficient_cell(pair.weighted_kappa),) if weighted else ()),
                )
                for pair in one.pairs
            ],
            note=made,
        )
    if one.detail:
        yield from _levels_in_use(one, one.detail, [labels[level] for level in one.labels], made)
        yield from _behind(one, made)


def _levels_in_use(
    one: CriterionAgreement, detail: Detail, labels: Sequence[str], made: str
) -> Iterator[Table]:
    if detail.confusions:
        yield table(
            f"agreement-{one.key}-confused",
            _("“%(question)s”: pairs of levels that annotators gave to one response")
            % {"question": one.title},
            (_("Levels"), _("Responses that have both"), _("Divided pairs"), _("By chance")),
            [
                (
                    f"{labels[found.first]} – {labels[found.second]}",
                    found.units,
                    Figure(fixed(found.coincidences, 1), found.coincidences),
                    Figure(fixed(found.by_chance, 1), found.by_chance),
                )
                for found in detail.confusions
            ],
        )
    if any(sum(use.counts) for use in detail.uses):
        yield table(
            f"agreement-{one.key}-use",
            _("“%(question)s”: how often each annotator chose each level") % {"question": one.title},
            (_("Annotator"), *labels, _("All")),
            [(use.alias, *use.counts, sum(use.counts)) for use in detail.uses],
        )
    if detail.own_thirds:
        places = (_("first"), _("middle"), _("last"))
        yield table(
            f"agreement-{one.key}-thirds",
            _("“%(question)s”: thirds of annotators’ sequences") % {"question": one.title},
            (_("Third"), _("Annotations"), _("Krippendorff’s α"), *labels),
            [
                (
                    place,
                    third.annotations,
                    coefficient_cell(third.krippendorff_alpha, third.pairable_units),
                    *(share_cell(share) for share in third.shares),
                )
                for place, third in zip(places, detail.drift.thirds, strict=True)
            ],
            note=made,
        )


def _behind(one: CriterionAgreement, made: str) -> Iterator[Table]:
    assert one.detail is not None
    yield from _without(one.key, one.title, one.detail.without, made)
    if one.detail.intra.pooled.n:
        repeats = [(_("All"), one.detail.intra.pooled), *one.detail.intra.per_annotator]
        yield table(
            f"agreement-{one.key}-repeats",
            _("“%(question)s”: agreement of annotators with themselves, from silent repeats")
            % {"question": one.title},
            (_("Annotator"), _("Repeats"), _("Percent agreement"), _("Krippendorff’s α")),
            [
                (
                    alias,
                    found.n,
                    share_cell(found.percent_agreement),
                    coefficient_cell(found.krippendorff_alpha),
                )
                for alias, found in repeats
            ],
            note=made,
        )
    if one.detail.slices:
        yield table(
            f"agreement-{one.key}-parts",
            _("“%(question)s”: agreement on parts of the study") % {"question": one.title},
            (_("Part"), _("Responses"), _("Percent agreement"), _("Krippendorff’s α")),
            [
                (
                    slice_label(part.kind, part.name),
                    part.reliability.units,
                    share_cell(part.reliability.percent_agreement),
                    coefficient_cell(part.reliability.krippendorff_alpha),
                )
                for part in one.detail.slices
            ],
            note=made,
        )


def _of_sets(one: SetAgreement, specs: Specs, made: str) -> Iterator[Table]:
    made = sentences(where(specs, specs[one.key].show_if), made)
    labels = {option.value: option.label for option in specs[one.key].options}
    found = one.reliability
    shares, alphas = dict(found.prevalence), dict(found.per_label)
    yield table(
        f"agreement-{one.key}-levels",
        _("“%(question)s”: agreement by label, named or not") % {"question": one.title},
        (_("Label"), _("Share of annotations"), _("Krippendorff’s α")),
        [
            (
                labels.get(label, label),
                share_cell(shares[place]) if place in shares else UNDEFINED,
                coefficient_cell(alphas[place]) if place in alphas else UNDEFINED,
            )
            for place, label in enumerate(one.labels)
        ],
        note=made,
    )
    yield from _without(one.key, one.title, one.without, made)


def _without(key: str, question: str, without: Sequence[tuple[str, Estimate]], made: str) -> Iterator[Table]:
    if without:
        yield table(
            f"agreement-{key}-without",
            _("“%(question)s”: agreement of all others, without each annotator") % {"question": question},
            (_("Without"), _("Krippendorff’s α")),
            [(alias, coefficient_cell(found)) for alias, found in without],
            note=made,
        )
