"""Agreement of a study's annotators: ratings from the database -> stats -> a report, kept while nothing changes."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar, cast

import numpy as np
from django.utils.translation import gettext as _

from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement.ratings import (
    Level,
    Ratings,
    levelled_criteria,
    numbers_of,
    ratings_of,
    repeats_of,
    set_criteria,
    set_ratings_of,
)
from ihlannotate.pipeline.agreement.results import (
    AgreementReport,
    CriterionAgreement,
    Detail,
    Intra,
    LevelUse,
    Pair,
    SetAgreement,
    Slice,
)
from ihlannotate.pipeline.agreement.sequences import Course, own_thirds, positions_of, sequences_of
from ihlannotate.pipeline.agreement.slices import Slicings, slicings_of
from ihlannotate.pipeline.agreement.versions import kept
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.bootstrap import FloatArray, IntArray
from ihlannotate.stats.disagreement import confusions
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.reliability import (
    drift,
    intra_annotator,
    leave_one_out,
    leave_one_out_sets,
    pairwise,
    rating_counts,
    reliability,
    reliability_by_slice,
    set_reliability,
)

T = TypeVar("T")


def agreement(
    study: Study, *, keys: Sequence[str] = (), seed: int = 0, replicates: int = 1000, detail: bool = True
) -> AgreementReport:
    """Agreement of all annotators on each criterion (or those in `keys`), with prompt-bootstrap intervals.

    `detail` adds pairs of annotators, alpha without each, use and confusion of the levels, slices by category,
    language, rule group and complexity, and agreement with themselves. Nothing is broken down by model or
    condition. Figures are kept by data version (`kept`), so they are never older than the answers. Raises Refused
    for a key that the rubric does not have or that has neither levels nor sets.
    """
    return _report(study, keys, seed, replicates, detail, keep=True)


def measured(
    study: Study, *, keys: Sequence[str] = (), seed: int = 0, replicates: int = 1000, detail: bool = True
) -> AgreementReport:
    """The same as `agreement`, computed now whatever is kept."""
    return _report(study, keys, seed, replicates, detail, keep=False)


def _report(
    study: Study, keys: Sequence[str], seed: int, replicates: int, detail: bool, *, keep: bool
) -> AgreementReport:
    levelled = {one.key: one for one in levelled_criteria(study)}
    sets = {one.key: one for one in set_criteria(study)}
    for key in keys:
        if key not in levelled and key not in sets:
            raise Refused(
                _("Agreement is measured on %(specs)s; “%(key)s” is none of them.")
                % {"specs": ", ".join([*levelled, *sets]), "key": key}
            )
    turn = _Turn(study, seed, replicates, detail)

    def one(measure: Callable[[CriterionSpec], T], spec: CriterionSpec) -> T:
        if not keep:
            return measure(spec)
        parameters = {"seed": seed, "replicates": replicates, "detail": detail}
        return kept(study, f"agreement on {spec.key}", parameters, lambda: measure(spec))

    return AgreementReport(
        study=study.slug,
        seed=seed,
        replicates=replicates,
        criteria=tuple(one(turn.criterion, levelled[key]) for key in keys or levelled if key in levelled),
        sets=tuple(one(turn.sets, sets[key]) for key in keys or sets if key in sets),
    )


class _Turn:
    """One computation: what its criteria have in common is read once, and only if one needs it."""

    def __init__(self, study: Study, seed: int, replicates: int, detail: bool) -> None:
        self.study, self.seed, self.replicates, self.wants_detail = study, seed, replicates, detail

    @cached_property
    def ids(self) -> Mapping[str, int]:
        return dict(Criterion.objects.filter(rubric=self.study.rubric_id).values_list("key", "pk"))

    @cached_property
    def slicings(self) -> Slicings:
        return slicings_of(self.study)

    @cached_property
    def sequences(self) -> Mapping[int, Course]:
        return sequences_of(self.study)

    def criterion(self, spec: CriterionSpec) -> CriterionAgreement:
        ratings = ratings_of(self.study, spec, self.ids[spec.key])
        counts = rating_counts(ratings.codes, len(spec.options))
        return CriterionAgreement(
            key=spec.key,
            title=spec.title,
            level=cast(Level, spec.level),
            condition=_condition(spec),
            labels=spec.values,
            reliability=reliability(
                counts,
                level=cast(Level, spec.level),
                values=numbers_of(spec),
                clusters=ratings.prompts,
                replicates=self.replicates,
                seed=self.seed,
            ),
            annotators=len(ratings.aliases),
            detail=self._detail(spec, ratings, counts) if self.wants_detail else None,
        )

    def _detail(self, spec: CriterionSpec, ratings: Ratings, counts: IntArray) -> Detail:
        pairs, without = self._annotators(spec, ratings)
        positions, lengths = positions_of(ratings, self.sequences)
        return Detail(
            pairs=pairs,
            without=without,
            uses=tuple(
                LevelUse(alias, tuple(np.bincount(codes[codes >= 0], minlength=counts.shape[1]).tolist()))
                for alias, codes in zip(ratings.aliases, ratings.codes, strict=True)
            ),
            confusions=confusions(counts),
            slices=self._slices(spec, ratings, counts),
            slices_left_out=tuple((one.kind, one.left_out) for one in self.slicings.slicings if one.left_out),
            intra=self._intra(spec, ratings),
            drift=drift(
                ratings.codes,
                positions,
                lengths,
                level_count=len(spec.options),
                level=cast(Level, spec.level),
                values=numbers_of(spec),
                clusters=ratings.prompts,
                replicates=self.replicates,
                seed=self.seed,
            ),
            own_thirds=tuple(
                (
                    alias,
                    own_thirds(
                        ratings.codes[row],
                        positions[row],
                        int(lengths[row]),
                        level_count=len(spec.options),
                        numbers=_ranked(spec),
                    ),
                )
                for row, alias in enumerate(ratings.aliases)
                if lengths[row]
            ),
        )

    def _annotators(
        self, spec: CriterionSpec, ratings: Ratings
    ) -> tuple[tuple[Pair, ...], tuple[tuple[str, Estimate], ...]]:
        level, values, aliases = cast(Level, spec.level), numbers_of(spec), ratings.aliases
        pairs = pairwise(
            ratings.codes,
            level_count=len(spec.options),
            level=level,
            values=values,
            clusters=ratings.prompts,
            replicates=self.replicates,
            seed=self.seed,
        )
        others = ratings.codes if len(aliases) > 2 else ratings.codes[:0]
        without = leave_one_out(
            others,
            level_count=len(spec.options),
            level=level,
            values=values,
            clusters=ratings.prompts,
            replicates=self.replicates,
            seed=self.seed,
        )
        return (
            tuple(
                Pair(
                    aliases[one.a],
                    aliases[one.b],
                    one.n,
                    one.percent_agreement,
                    one.cohen_kappa,
                    one.weighted_kappa,
                )
                for one in pairs
            ),
            tuple((aliases[row], one) for row, one in without),
        )

    def _slices(self, spec: CriterionSpec, ratings: Ratings, counts: IntArray) -> tuple[Slice, ...]:
        slicings = self.slicings
        named = [(one.kind, name) for one in slicings.slicings for name in one.names]
        if not named or not len(counts):
            return ()
        found = reliability_by_slice(
            counts,
            np.concatenate([slicings.of_units(one, ratings.prompts) for one in slicings.slicings]),
            level=cast(Level, spec.level),
            values=numbers_of(spec),
            clusters=ratings.prompts,
            replicates=self.replicates,
            seed=self.seed,
        )
        return tuple(Slice(*name, one) for name, one in zip(named, found, strict=True) if one.units)

    def _intra(self, spec: CriterionSpec, ratings: Ratings) -> Intra:
        repeats = repeats_of(self.study, spec, self.ids[spec.key], ratings)
        found = intra_annotator(
            repeats.first,
            repeats.second,
            repeats.annotators,
            annotator_count=len(ratings.aliases),
            level_count=len(spec.options),
            level=cast(Level, spec.level),
            values=numbers_of(spec),
            clusters=repeats.prompts,
            replicates=self.replicates,
            seed=self.seed,
        )
        each = zip(ratings.aliases, found.per_annotator, strict=True)
        return Intra(found.pooled, tuple((alias, one) for alias, one in each if one.n))

    def sets(self, spec: CriterionSpec) -> SetAgreement:
        found = set_ratings_of(self.study, spec, self.ids[spec.key])
        used = np.flatnonzero(found.members.any(axis=0))
        members, ratings = found.members[:, used], found.ratings
        whole = set_reliability(
            ratings.codes, members, clusters=ratings.prompts, replicates=self.replicates, seed=self.seed
        )
        others = ratings.codes if self.wants_detail and len(ratings.aliases) > 2 else ratings.codes[:0]
        without = leave_one_out_sets(
            others, members, clusters=ratings.prompts, replicates=self.replicates, seed=self.seed
        )
        return SetAgreement(
            key=spec.key,
            title=spec.title,
            condition=_condition(spec),
            labels=tuple(spec.values[k] for k in used),
            reliability=whole,
            annotators=len(ratings.aliases),
            without=tuple((ratings.aliases[row], one) for row, one in without),
        )


def _ranked(spec: CriterionSpec) -> FloatArray | None:
    """The numbers whose mean is meant: ranks of ordinal levels, values of interval ones, none of nominal ones."""
    return np.arange(1.0, len(spec.options) + 1) if spec.level == "ordinal" else numbers_of(spec)


def _condition(spec: CriterionSpec) -> str:
    return "; ".join(f"{key} is {' or '.join(values)}" for key, values in spec.show_if.items())
