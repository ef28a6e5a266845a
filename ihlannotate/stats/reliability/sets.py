"""Agreement on sets of labels (the rules that an annotator finds concerned): alpha with MASI distance, per label."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, IntArray, Sums, percentile_estimate, resample
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.parts import resample_parts
from ihlannotate.stats.reliability.annotators import checked_ratings
from ihlannotate.stats.reliability.coefficients import divide
from ihlannotate.stats.reliability.masi import LabelSets
from ihlannotate.stats.reliability.summary import NO_PAIRS

NO_VARIATION = Phrase("no variation: all paired annotations are the same set")
NEVER = Phrase("no variation: no paired annotation has this label")
ALWAYS = Phrase("no variation: all paired annotations have this label")


@dataclass(frozen=True)
class SetReliability:
    """Agreement of annotators whose answers are sets of labels.

    `units` have at least one annotation (the empty set is one), `pairable_units` at least two; `clusters`
    prompts were resampled with `seed`, `replicates` times. `percent_agreement`: pairs of annotations that are
    the same set. `masi_agreement`: mean MASI similarity of the pairs, 1 where all are the same.
    `krippendorff_alpha`: with MASI distance. `per_label`: for each label its index and the nominal alpha of
    whether it is in the set; `prevalence`: its index and the share of all annotations that have it.
    """

    units: int
    pairable_units: int
    annotations: int
    distinct_sets: int
    clusters: int
    replicates: int
    seed: int
    percent_agreement: Estimate
    masi_agreement: Estimate
    krippendorff_alpha: Estimate
    per_label: tuple[tuple[int, Estimate], ...]
    prevalence: tuple[tuple[int, Estimate], ...]


def coded_sets(answers: Iterable[Iterable[int]], label_count: int) -> tuple[IntArray, NDArray[np.bool_]]:
    """Codes (n) of the sets in `answers` (n collections of label indices), and what each code holds (S × L).

    Codes follow the order of first appearance. Raises ValueError on an index outside 0..L-1.

    >>> codes, members = coded_sets([{0, 2}, set(), {2, 0}], 3)
    >>> codes.tolist(), members.tolist()
    ([0, 1, 0], [[True, False, True], [False, False, False]])
    """
    known: dict[frozenset[int], int] = {}
    codes = [known.setdefault(frozenset(answer), len(known)) for answer in answers]
    members = np.zeros((len(known), label_count), np.bool_)
    for labels, code in known.items():
        if any(not 0 <= label < label_count for label in labels):
            raise ValueError(f"labels lie between 0 and {label_count - 1}")
        members[code, list(labels)] = True
    return np.array(codes, np.int64), members


def set_reliability(
    ratings: NDArray[np.integer],
    members: NDArray[np.bool_],
    *,
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> SetReliability:
    """Agreement on sets: `ratings` (R × U) are rows of `members` (S × L: whether a set holds a label), -1 missing.

    Each unit gives the distances of its pairs, its sets and its labels, and what chance would give is a quadratic
    form of the sets' numbers in each replicate; sets that share no label cost nothing. `clusters` (U) is the prompt
    of each unit, None where each is its own. Raises ValueError on codes that are no rows of `members`, and on equal
    rows. Sources: Krippendorff 2011; Passonneau 2006.
    """
    sets = _distinct(members)
    table = checked_ratings(ratings, sets.count)
    sums = resample(
        _patterns(table),
        summarise=lambda patterns: _summands(patterns, sets, sets.members),
        clusters=clusters,
        replicates=replicates,
        seed=seed,
    )
    sample = _Sums.read(sums.total[None, :], sets.count, sets.labels)
    drawn = _Sums.read(sums.replicates, sets.count, sets.labels)

    def estimate(value: FloatArray, draws: FloatArray, undefined: str) -> Estimate:
        return percentile_estimate(float(value[0]), draws, clusters=sums.clusters, undefined=undefined)

    def by_label(
        value: FloatArray, draws: FloatArray, undefined: list[str]
    ) -> tuple[tuple[int, Estimate], ...]:
        columns = enumerate(zip(value.T, draws.T, undefined, strict=True))
        return tuple((label, estimate(one, many, why)) for label, (one, many, why) in columns)

    return SetReliability(
        units=int(sample.rated[0]),
        pairable_units=int(sample.pairable[0]),
        annotations=int(sample.annotations[0]),
        distinct_sets=len(np.unique(table[table >= 0])),
        clusters=sums.clusters,
        replicates=replicates,
        seed=seed,
        percent_agreement=estimate(sample.equal(), drawn.equal(), NO_PAIRS),
        masi_agreement=estimate(sample.similar(), drawn.similar(), NO_PAIRS),
        krippendorff_alpha=estimate(sample.alpha(sets), drawn.alpha(sets), _why_no_variation(sample)),
        per_label=by_label(sample.label_alphas(), drawn.label_alphas(), _why_no_alpha(sample)),
        prevalence=by_label(
            sample.label_shares(), drawn.label_shares(), [Phrase("no annotations")] * sets.labels
        ),
    )


def leave_one_out_sets(
    ratings: NDArray[np.integer],
    members: NDArray[np.bool_],
    *,
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> list[tuple[int, Estimate]]:
    """The alpha of `set_reliability` without each annotator in turn: (row of the ratings, alpha of all the others).

    Arguments and errors as of `set_reliability`; all come from one set of draws of the prompts.
    """
    sets = _distinct(members)
    table = checked_ratings(ratings, sets.count)
    everything = np.arange(table.shape[1])
    found = resample_parts(
        ((everything, _patterns(np.delete(table, row, axis=0))) for row in range(len(table))),
        units=table.shape[1],
        summarise=lambda patterns: _summands(patterns, sets, sets.members[:, :0]),
        clusters=clusters,
        replicates=replicates,
        seed=seed,
    )
    return [(row, _alpha(sums, sets)) for row, sums in enumerate(found)]


def _distinct(members: NDArray[np.bool_]) -> LabelSets:
    held = np.asarray(members, dtype=np.bool_)
    if held.ndim != 2 or len(np.unique(np.packbits(held, axis=1), axis=0)) != len(held):
        raise ValueError("members are distinct sets, sets by labels")
    return LabelSets(held)


def _alpha(sums: Sums, sets: LabelSets) -> Estimate:
    sample = _Sums.read(sums.total[None, :], sets.count, 0)
    return percentile_estimate(
        float(sample.alpha(sets)[0]),
        _Sums.read(sums.replicates, sets.count, 0).alpha(sets),
        clusters=sums.clusters,
        undefined=_why_no_variation(sample),
    )


def _patterns(table: IntArray) -> IntArray:
    # Who gave which set does not matter here, so units with the same sets are the same pattern
    return np.sort(table, axis=0).T


def _why_no_variation(sample: "_Sums") -> str:
    return NO_VARIATION if sample.pairable[0] else NO_PAIRS


def _why_no_alpha(sample: "_Sums") -> list[str]:
    if not sample.pairable[0]:
        return [NO_PAIRS] * sample.paired_labels.shape[1]
    return [ALWAYS if n else NEVER for n in sample.paired_labels[0]]


@dataclass(frozen=True)
class _Sums:
    """Sums over the units of B samples, S sets and L labels.

    `observed`: MASI distances of the ordered pairs of each unit over m - 1; `alike`, `close`: shares of a
    unit's pairs that are equal, and mean similarity. `paired_sets` (B × S), `paired_labels` (B × L): numbers in
    pairable units. `label_apart` (B × L): ordered pairs of which one has the label, over m - 1. `labels` (B × L):
    annotations that have the label.
    """

    pairable: FloatArray
    rated: FloatArray
    annotations: FloatArray
    observed: FloatArray
    alike: FloatArray
    close: FloatArray
    paired_sets: FloatArray
    paired_labels: FloatArray
    label_apart: FloatArray
    labels: FloatArray

    @classmethod
    def read(cls, sums: FloatArray, sets: int, labels: int) -> "_Sums":
        scalars, paired_sets, paired_labels, label_apart, given = np.split(
            sums, np.cumsum([6, sets, labels, labels]), axis=1
        )
        pairable, rated, annotations, observed, alike, close = scalars.T
        return cls(
            pairable,
            rated,
            annotations,
            observed,
            alike,
            close,
            paired_sets,
            paired_labels,
            label_apart,
            given,
        )

    def equal(self) -> FloatArray:
        return divide(self.alike, self.pairable)

    def similar(self) -> FloatArray:
        return divide(self.close, self.pairable)

    def alpha(self, sets: LabelSets) -> FloatArray:
        expected = sets.distance_between(self.paired_sets)
        return 1.0 - divide((self.paired_sets.sum(axis=1) - 1) * self.observed, expected)

    def label_alphas(self) -> FloatArray:
        total = self.paired_sets.sum(axis=1, keepdims=True)
        expected = 2 * self.paired_labels * (total - self.paired_labels)
        return 1.0 - divide((total - 1) * self.label_apart, expected)

    def label_shares(self) -> FloatArray:
        return divide(self.labels, self.annotations[:, None])


def _summands(patterns: IntArray, sets: LabelSets, members: sparse.csr_matrix) -> sparse.csr_matrix:
    """One row for each pattern of sets (P × R, -1 missing), to be summed and read by `_Sums.read`; of labels those of
    `members` (S × L)."""
    given = patterns >= 0
    m = given.sum(axis=1).astype(np.float64)
    pairable = m >= 2
    per_other = np.where(pairable, 1.0 / np.maximum(m - 1, 1), 0.0)
    distance, alike = np.zeros(len(patterns)), np.zeros(len(patterns))
    for column, codes in enumerate(patterns.T):
        for other in patterns.T[:column]:
            both = np.flatnonzero((codes >= 0) & (other >= 0))
            distance[both] += 2 * (1.0 - sets.similarity(codes[both], other[both]))
            alike[both] += 2 * (codes[both] == other[both])
    share = per_other / np.maximum(m, 1)
    scalars = [pairable, m >= 1, m, distance * per_other, alike * share, pairable - distance * share]
    own = sparse.csr_matrix(
        (np.ones(int(given.sum())), (np.nonzero(given)[0], patterns[given])),
        shape=(len(patterns), sets.count),
        dtype=np.float64,
    )
    labels = own @ members
    apart = labels.copy()
    row = np.repeat(np.arange(len(patterns)), np.diff(labels.indptr))
    apart.data = 2 * labels.data * (m[row] - labels.data) * per_other[row]
    paired = sparse.diags_array(pairable.astype(np.float64))
    columns = [sparse.csr_matrix(np.column_stack(scalars)), paired @ own, paired @ labels, apart, labels]
    return sparse.csr_matrix(sparse.hstack(columns))
