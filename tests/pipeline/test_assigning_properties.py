"""Whatever the study and whoever asks: what the order of assigning promises, on studies in memory."""

import itertools
from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ihlannotate.pipeline.assigning.order import (
    REPEAT_GAP,
    Candidate,
    Partners,
    Standing,
    attention_due,
    extras_expected,
    ranked,
    repeat_due,
)
from tests.pipeline.simulator import ATTENTION, FIRST, REPEAT, Person, World

SEEDS = st.integers(0, 2**31 - 1)


def crowd(count: int, seed: int) -> list[Person]:
    dice = Random(seed)
    return [Person(dice.randrange(2**31)) for _ in range(count)]


@st.composite
def worlds(draw: st.DrawFn, *, most: int = 60) -> World:
    """A small study of any shape, with at least k people."""
    k = draw(st.integers(1, 4))
    size = draw(st.integers(1, most))
    prompts = [draw(st.integers(1, 12)) for _ in range(size)]
    people = crowd(draw(st.integers(k, 9)), draw(SEEDS))
    return World(prompts, k, people, spread=draw(st.integers(0, 6)))


def at_random(world: World, seed: int) -> None:
    """Whoever comes, asks, until nobody gets anything."""
    dice, idle = Random(seed), set[int]()
    while len(idle) < len(world.people):
        who = dice.randrange(len(world.people))
        if world.ask(who) is None:
            idle.add(who)


@given(worlds(), SEEDS)
@settings(max_examples=60)
def test_every_item_gets_k_different_annotators_whoever_asks_when(world: World, seed: int) -> None:
    at_random(world, seed)
    assert all(len(by) == len(set(by)) == world.k for by in world.begun)


@given(worlds(), SEEDS)
@settings(max_examples=60)
def test_nobody_meets_an_item_twice(world: World, seed: int) -> None:
    at_random(world, seed)
    assert all(len(person.of(FIRST)) == len(set(person.of(FIRST))) for person in world.people)


@given(st.integers(1, 90), st.integers(1, 5), st.integers(0, 6), SEEDS)
@settings(max_examples=80)
def test_who_ask_in_turn_end_with_loads_that_differ_by_at_most_one(
    items: int, k: int, more: int, seed: int
) -> None:
    world = World(range(1, items + 1), k, crowd(k + more, seed))
    world.in_turn()
    loads = [len(person.met) for person in world.people]
    assert sum(loads) == items * k
    assert max(loads) - min(loads) <= 1


@pytest.mark.parametrize(("items", "k", "people"), [(4, 5, 7), (60, 5, 7), (36, 4, 8), (68, 4, 8)])
def test_nobody_is_left_idle_because_items_wait_near_the_end(items: int, k: int, people: int) -> None:
    for seed in range(12):
        world = World(range(1, items + 1), k, crowd(people, seed))
        world.in_turn()
        loads = [len(person.met) for person in world.people]
        assert max(loads) - min(loads) <= 1


@given(st.integers(2, 5), st.integers(0, 6), SEEDS)
@settings(max_examples=25)
def test_every_pair_of_annotators_overlaps_given_enough_items(k: int, more: int, seed: int) -> None:
    people = k + more
    world = World(range(1, 10 * people + 1), k, crowd(people, seed))
    world.in_turn()
    pairs = Counter(pair for by in world.begun for pair in itertools.combinations(sorted(by), 2))
    assert len(pairs) == people * (people - 1) // 2


@given(st.integers(2, 4), st.integers(1, 6), SEEDS)
@settings(max_examples=25)
def test_items_complete_early(k: int, more: int, seed: int) -> None:
    """At any time only few items are begun and not complete: about as many as there are people."""
    people = k + more
    world = World(range(1, 121), k, crowd(people, seed))
    for turn in range(60 * k):
        world.ask(turn % people)
        assert sum(0 < len(by) < k for by in world.begun) <= people + k


@given(worlds(), SEEDS)
@settings(max_examples=80)
def test_the_spread_is_kept_whenever_any_open_item_allows_it(world: World, seed: int) -> None:
    dice = Random(seed)
    for _ in range(len(world.prompts) * world.k):
        who = dice.randrange(len(world.people))
        recent = world.recent(who)
        allowed = [item for item in world.open_for(who) if world.prompts[item] not in recent]
        met = world.ask(who)
        assert met is None or not allowed or met.prompt not in recent


def test_the_spread_is_kept_though_a_whole_window_is_of_one_prompt() -> None:
    world = World([1] * 150 + [2, 3], 1, crowd(1, 3), spread=1)
    first, second = world.ask(0), world.ask(0)
    assert first
    assert second
    assert first.prompt == 1
    assert second.prompt in (2, 3)


@given(worlds(), SEEDS)
@settings(max_examples=25)
def test_the_same_seeds_give_the_same_order(world: World, seed: int) -> None:
    again = World(world.prompts, world.k, [Person(one.seed) for one in world.people], spread=world.spread)
    at_random(world, seed)
    at_random(again, seed)
    assert [one.met for one in world.people] == [one.met for one in again.people]


@given(SEEDS, st.integers(1, 20), st.integers(150, 400))
@settings(max_examples=25)
def test_repeats_come_once_each_far_from_the_first_and_as_often_as_asked(
    seed: int, percent: int, items: int
) -> None:
    world = World(range(1, items + 1), 1, crowd(1, seed), percent=percent, spread=5)
    world.in_turn()
    met, repeats = world.people[0].met, world.people[0].of(REPEAT)
    assert len(repeats) == len(set(repeats))
    for item in repeats:
        first, again = (place for place, one in enumerate(met) if one.item == item and one.kind != ATTENTION)
        assert again - first > REPEAT_GAP
    expected = extras_expected(items, percent=percent, every=0, known=0)
    assert abs(len(repeats) - expected) <= 2


@given(SEEDS, st.integers(2, 40), st.integers(0, 12))
@settings(max_examples=25)
def test_one_attention_item_comes_among_so_many_each_once(seed: int, every: int, checks: int) -> None:
    world = World(range(1, 201), 1, crowd(1, seed), every=every, checks=checks)
    world.in_turn()
    came = world.people[0].of(ATTENTION)
    assert len(came) == len(set(came))
    assert abs(len(came) - extras_expected(200, percent=0, every=every, known=checks)) <= 1
    blocks, rated = Counter[int](), 0
    for one in world.people[0].met:
        blocks[rated // every] += one.kind == ATTENTION
        rated += one.kind == FIRST
    assert max(blocks.values()) <= 1


def test_the_place_of_an_attention_item_cannot_be_guessed() -> None:
    places = set()
    for seed in range(40):
        met = next(n for n in range(20) if attention_due(Standing(met=n), seed=seed, every=20))
        places.add(met)
    assert len(places) > 12


@given(SEEDS, st.integers(1, 20), st.integers(0, 3000))
def test_what_was_missed_is_not_made_up_for_in_a_row(seed: int, percent: int, met: int) -> None:
    """Repeats may be asked for when half the study is done: they come one in a block from then on."""
    assert not repeat_due(Standing(met=met, repeat_at=met), seed=seed, percent=percent)
    assert not attention_due(Standing(met=met, attention_at=met), seed=seed, every=percent)


def test_none_are_due_where_none_are_asked_for() -> None:
    assert not any(repeat_due(Standing(met=n), seed=1, percent=0) for n in range(500))
    assert not any(attention_due(Standing(met=n), seed=1, every=0) for n in range(500))


@given(st.integers(0, 30), SEEDS)
@settings(max_examples=25)
def test_nobody_gets_more_than_their_quota_and_others_take_the_rest(quota: int, seed: int) -> None:
    people = crowd(3, seed)
    people[0].quota = quota
    world = World(range(1, 31), 2, people)
    world.in_turn()
    assert len(people[0].met) <= quota
    assert all(len(by) == 2 for by in world.begun)


@given(st.integers(2, 8), SEEDS, st.integers(1, 3))
@settings(max_examples=25)
def test_a_grouped_study_shows_the_answers_to_one_prompt_one_after_another(
    size: int, seed: int, people: int
) -> None:
    world = World([item // size + 1 for item in range(20 * size)], people, crowd(people, seed), grouped=True)
    at_random(world, seed)
    for person in world.people:
        runs = [prompt for prompt, _ in itertools.groupby(one.prompt for one in person.met)]
        assert len(runs) == 20


def test_a_begun_item_goes_before_untouched_ones() -> None:
    found = ranked(
        [Candidate(n, n, n, (7,) if n == 30 else ()) for n in range(40)], seed=1, recent_prompts=()
    )
    assert found[0].response_id == 30


def test_of_begun_items_the_one_begun_by_whom_one_has_met_least_goes_first() -> None:
    begun = [Candidate(1, 1, 1, (7,)), Candidate(2, 2, 2, (8,)), Candidate(3, 3, 3, (9,))]
    partners = Partners({7, 8, 9}, {7: 4, 8: 1, 9: 2})
    assert [one.response_id for one in ranked(begun, seed=1, recent_prompts=(), partners=partners)] == [
        2, 3, 1
    ]  # fmt: skip
