"""What a rubric's findings count: the levels of its main question, and what is asked because of its answer."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.readers.rubric import CriterionSpec

NOTHING = ("none", "no")  # levels that say a thing is absent


@dataclass(frozen=True)
class Measure:
    """One figure that is made for each run: the share of `levels` of a criterion, or the mean of its numbers.

    `numbers` (a number for each level of the criterion) are there for means only. `condition` names what must hold
    for the criterion to be asked: criterion -> values, of all criteria that it hangs on. `main`: of the main question.
    """

    criterion: str
    statistic: Literal["share", "mean"]
    levels: tuple[str, ...]
    numbers: tuple[float, ...]
    condition: tuple[tuple[str, tuple[str, ...]], ...]
    main: bool

    @property
    def name(self) -> str:
        """What tells measures apart: `refusal:refused`, `helpfulness:mean`, `reason:stock+specific`."""
        return f"{self.criterion}:{'+'.join(self.levels) or 'mean'}"


def measures_of(study: Study) -> tuple[Measure, ...]:
    """The measures of a study's rubric, in its order; the first is the one that plots show.

    The main question is the one that most others directly hang on (the innermost criterion of their `show_if`), the
    first with levels where none does. Each of its levels is a measure; so is each criterion asked because of it: the
    mean where levels are numbers in order, the share of what is not "none" or "no" where there is such a level, the
    share of each level otherwise.
    """
    specs = levelled_criteria(study)
    if not specs:
        return ()
    by_key = {one.key: one for one in specs}
    main = _main(specs)
    dependants = [one for one in specs if main.key in one.show_if]
    found = [_share(main, (level,), by_key, main=True) for level in main.values]
    return (*found, *(measure for one in dependants for measure in _of_dependant(one, by_key)))


def _main(specs: Sequence[CriterionSpec]) -> CriterionSpec:
    places = {one.key: place for place, one in enumerate(specs)}
    inner = (
        max((key for key in one.show_if if key in places), key=places.__getitem__, default="")
        for one in specs
    )
    hanging = Counter(key for key in inner if key)
    return max(specs, key=lambda one: (hanging[one.key], -places[one.key]))


def _of_dependant(spec: CriterionSpec, by_key: Mapping[str, CriterionSpec]) -> Iterator[Measure]:
    if spec.level != "nominal":
        numbers = [option.number for option in spec.options]
        known = tuple(number for number in numbers if number is not None)
        ranks = tuple(float(rank) for rank in range(1, len(numbers) + 1))
        values = known if len(known) == len(numbers) else ranks
        yield Measure(spec.key, "mean", (), values, _condition(spec, by_key), main=False)
        return
    present = tuple(level for level in spec.values if level not in NOTHING)
    if len(present) < len(spec.values):
        yield _share(spec, present, by_key, main=False)
        return
    for level in spec.values:
        yield _share(spec, (level,), by_key, main=False)


def _share(
    spec: CriterionSpec, levels: tuple[str, ...], by_key: Mapping[str, CriterionSpec], *, main: bool
) -> Measure:
    return Measure(spec.key, "share", levels, (), _condition(spec, by_key), main)


def _condition(
    spec: CriterionSpec, by_key: Mapping[str, CriterionSpec]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """All that must hold, also what the criteria hang on that this one hangs on."""
    found: dict[str, tuple[str, ...]] = {}
    waiting = [spec]
    while waiting:
        for key, values in waiting.pop().show_if.items():
            if key in by_key:
                found.setdefault(key, values)
                waiting.append(by_key[key])
    return tuple((key, found[key]) for key in by_key if key in found)
