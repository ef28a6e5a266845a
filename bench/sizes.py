"""How much is measured: the sizes of a full run, of a quick one, and of the smoke test."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Sizes:
    """`serving` and `agreement` are studies' sizes in responses, `statistics` counts of units in memory."""

    imported: int
    serving: tuple[int, ...]
    crowd: int  # annotators at once
    each: int  # items an annotator rates, over all rounds
    rounds: int
    few_items: int  # for the crowd to exhaust
    statistics: tuple[int, ...]
    naive: int  # replicates of the naive loop that are measured
    agreement: tuple[int, ...]
    whole: tuple[tuple[int, int], ...]  # (annotators, responses) where each has answered every criterion
    exported: int
    gold: int
    judging: tuple[tuple[int, int], ...]  # (verdicts, of which so many responses have gold)

    def with_large(self) -> "Sizes":
        """The same and a study of a million responses."""
        return replace(self, serving=(*self.serving, 1_000_000), whole=(*self.whole, (3, 1_000_000)))


FULL = Sizes(
    imported=20_000,
    serving=(3_000, 100_000),
    crowd=10,
    each=150,
    rounds=3,
    few_items=100,
    statistics=(3_000, 100_000),
    naive=10,
    agreement=(3_000, 20_000),
    whole=((10, 20_000), (10, 100_000)),
    exported=300_000,
    gold=10_000,
    judging=((100_000, 10_000), (100_000, 100_000)),
)
QUICK = Sizes(
    imported=2_000,
    serving=(300, 3_000),
    crowd=10,
    each=30,
    rounds=3,
    few_items=40,
    statistics=(3_000,),
    naive=5,
    agreement=(300, 1_000),
    whole=((10, 1_000), (10, 5_000)),
    exported=30_000,
    gold=1_000,
    judging=((10_000, 1_000), (10_000, 10_000)),
)
SMOKE = Sizes(
    imported=40,
    serving=(40,),
    crowd=3,
    each=3,
    rounds=1,
    few_items=6,
    statistics=(200,),
    naive=1,
    agreement=(30,),
    whole=((10, 30),),
    exported=90,
    gold=30,
    judging=((60, 30),),
)
