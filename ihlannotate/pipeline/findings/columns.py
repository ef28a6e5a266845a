"""Gold, a judge's verdicts and the runs of a study's responses, as columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.provenance import Origin, Run
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.sampling import weights_of

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Column:
    """What is said of R responses on one criterion: `codes` (R) of levels, -1 for none of them; `given` (R) where
    anything is said, even if it is no level (contested gold, an unparsed verdict).
    """

    levels: tuple[str, ...]
    codes: IntArray
    given: BoolArray

    def among(self, values: Sequence[str]) -> BoolArray:
        """Where the level is one of these (R)."""
        wanted = [k for k, level in enumerate(self.levels) if level in values]
        return np.isin(self.codes, wanted)


@dataclass(frozen=True)
class Answered:
    """R responses whose run is known: their `prompts` and `runs` (indices into `names`), `gold` and `verdicts`.

    `names` are (model, condition), columns are by criterion. `baseline` is the condition that others are compared with.
    `weights` (R) are inverse inclusion probabilities; None in a study without a sample.
    """

    prompts: IntArray
    runs: IntArray
    names: tuple[tuple[str, str], ...]
    baseline: str
    gold: Mapping[str, Column]
    verdicts: Mapping[str, Column]
    weights: NDArray[np.float64] | None


def answered(study: Study, release: GoldRelease, judge: Judge | None) -> Answered:
    """What findings are made of. Without a judge all verdicts are missing."""
    runs = sorted(
        Run.objects.filter(study=study),
        key=lambda run: (run.model.casefold(), run.model, bool(run.system_prompt.strip()), run.condition),
    )
    place = {run.pk: at for at, run in enumerate(runs)}
    origins = Origin.objects.filter(run__study=study).order_by("response_id")
    rows = [
        (response, prompt, place[run])
        for response, prompt, run in origins.values_list("response_id", "response__prompt_id", "run_id")
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    gold, verdicts = {}, {}
    for spec in levelled_criteria(study):
        labels = GoldLabel.objects.filter(release=release, criterion__key=spec.key)
        gold[spec.key] = _column(spec.values, table[:, 0], labels.values_list("response_id", "value"))
        said = Verdict.objects.filter(judge=judge, criterion__key=spec.key)
        pairs = said.values_list("response_id", "value") if judge else ()
        verdicts[spec.key] = _column(spec.values, table[:, 0], pairs)
    return Answered(
        prompts=table[:, 1],
        runs=table[:, 2],
        names=tuple((run.model, run.condition) for run in runs),
        baseline=_baseline(runs),
        gold=gold,
        verdicts=verdicts,
        weights=weights_of(study, table[:, 0].tolist()),
    )


def _column(levels: tuple[str, ...], responses: IntArray, said: Iterable[tuple[int, str]]) -> Column:
    index = {level: k for k, level in enumerate(levels)}
    codes = np.full(len(responses), -1, dtype=np.int64)
    given = np.zeros(len(responses), dtype=np.bool_)
    place = {response: at for at, response in enumerate(responses.tolist())}
    for response, value in said:
        at = place.get(response)
        if at is not None:
            codes[at], given[at] = index.get(value, -1), True
    return Column(levels, codes, given)


def _baseline(runs: Sequence[Run]) -> str:
    """The condition without a system prompt, the first of them by name; where all have one, the first of all."""
    conditions = sorted({run.condition for run in runs})
    prompted = {run.condition for run in runs if run.system_prompt.strip()}
    plain = [one for one in conditions if one not in prompted]
    return (plain or conditions or [""])[0]
