"""A study in memory, with people who ask for items: what the pure order of assigning decides, without a database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from ihlannotate.pipeline.assigning.order import (
    PARTNERS_FROM,
    REPEAT_GAP,
    WINDOW,
    Candidate,
    Partners,
    Rated,
    Standing,
    attention_due,
    attention_of,
    quota_reached,
    ranked,
    repeat_due,
    repeat_of,
    repeat_pool,
)

FIRST, REPEAT, ATTENTION = "first", "repeat", "attention"


@dataclass(frozen=True)
class Met:
    """One item as an annotator meets it: its kind, its number, its prompt; 0 for an attention item's."""

    kind: str
    item: int
    prompt: int = 0


@dataclass
class Person:
    """An annotator: what they met, in order, and how often each kind had come when a repeat and a check came."""

    seed: int
    quota: int | None = None
    met: list[Met] = field(default_factory=list)
    standing: Standing = field(default_factory=Standing)

    def of(self, kind: str) -> list[int]:
        return [one.item for one in self.met if one.kind == kind]


@dataclass
class World:
    """Responses at their positions, each with its prompt; k slots each; `begun` tells who took them."""

    prompts: Sequence[int]
    k: int
    people: list[Person]
    spread: int = 0
    grouped: bool = False
    percent: int = 0
    every: int = 0
    checks: int = 0
    begun: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.begun = [[] for _ in self.prompts]

    def open_for(self, who: int) -> list[int]:
        """Items that have an open slot and are new to the annotator."""
        met = set(self.people[who].of(FIRST))
        return [item for item, by in enumerate(self.begun) if len(by) < self.k and item not in met]

    def recent(self, who: int) -> set[int]:
        """The prompts that the spread keeps away now."""
        newest = self.people[who].met[-self.spread :] if self.spread and not self.grouped else []
        return {one.prompt for one in newest if one.prompt}

    def ask(self, who: int) -> Met | None:
        """Hand out an item, which is rated at once; None when there is nothing for this annotator."""
        person = self.people[who]
        met = self._attention(person) or self._repeat(who) or self._new(who)
        if met:
            person.met.append(met)
            person.standing = self._standing(person, met)
        return met

    def _standing(self, person: Person, met: Met) -> Standing:
        count = len(person.of(FIRST))
        return Standing(
            met=count,
            taken=count,
            repeat_at=count if met.kind == REPEAT else person.standing.repeat_at,
            attention_at=count if met.kind == ATTENTION else person.standing.attention_at,
        )

    def _attention(self, person: Person) -> Met | None:
        if not attention_due(person.standing, seed=person.seed, every=self.every):
            return None
        new = sorted(set(range(1, self.checks + 1)) - set(person.of(ATTENTION)))
        item = attention_of(new, seed=person.seed)
        return Met(ATTENTION, item) if item else None

    def _repeat(self, who: int) -> Met | None:
        person = self.people[who]
        if not repeat_due(person.standing, seed=person.seed, percent=self.percent):
            return None
        back = set(person.of(REPEAT))
        older = islice(reversed(person.of(FIRST)), REPEAT_GAP, REPEAT_GAP + repeat_pool(self.percent))
        pool = [Rated(item, self.prompts[item], item in back) for item in older]
        item = repeat_of(pool, seed=person.seed, recent_prompts=self.recent(who))
        return None if item is None else Met(REPEAT, item, self.prompts[item])

    def _new(self, who: int) -> Met | None:
        person, recent = self.people[who], self.recent(who)
        if quota_reached(person.standing, person.quota):
            return None
        there = self.open_for(who)
        items = there[:WINDOW]
        firsts = person.of(FIRST)
        group = self.prompts[firsts[-1]] if self.grouped and firsts else None
        items += [item for item in there[WINDOW:] if self.prompts[item] == group]
        if all(self.prompts[item] in recent for item in items):
            items += [item for item in there[WINDOW:] if self.prompts[item] not in recent][:WINDOW]
        shared = Counter(other for item in firsts[-PARTNERS_FROM:] for other in self.begun[item])
        order = ranked(
            [Candidate(item, self.prompts[item], item, tuple(self.begun[item])) for item in items],
            seed=person.seed,
            recent_prompts=recent,
            partners=Partners(frozenset(range(len(self.people))) - {who}, shared),
            group=group,
        )
        if not order:
            return None
        self.begun[order[0].response_id].append(who)
        return Met(FIRST, order[0].response_id, order[0].prompt_id)

    def in_turn(self) -> None:
        """Everybody asks in turn until nobody gets anything."""
        idle: set[int] = set()
        while len(idle) < len(self.people):
            idle |= {who for who in range(len(self.people)) if who not in idle and self.ask(who) is None}
