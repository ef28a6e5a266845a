"""The order in which an annotator meets items: a function of seed and candidates, and of nothing else."""

import itertools
from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ihlannotate.pipeline.assigning.order import WINDOW, Candidate, jitter, ranked

SEEDS = st.integers(0, 2**31 - 1)


@st.composite
def candidate_lists(draw: st.DrawFn) -> list[Candidate]:
    """Distinct responses, some of which answer the same prompt, at distinct places."""
    size = draw(st.integers(0, 40))
    places = draw(st.lists(st.integers(0, 500), min_size=size, max_size=size, unique=True))
    prompts = draw(st.lists(st.integers(1, 10), min_size=size, max_size=size))
    return [
        Candidate(n, prompt, place) for n, (prompt, place) in enumerate(zip(prompts, places, strict=True))
    ]


@given(candidate_lists(), SEEDS, st.sets(st.integers(1, 10)))
def test_every_candidate_is_ranked_once(candidates: list[Candidate], seed: int, recent: set[int]) -> None:
    found = ranked(candidates, seed=seed, recent_prompts=recent)
    assert Counter(found) == Counter(candidates)


@given(candidate_lists(), SEEDS, st.sets(st.integers(1, 10)), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_candidates_arrive(
    candidates: list[Candidate], seed: int, recent: set[int], random: Random
) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)
    assert ranked(candidates, seed=seed, recent_prompts=recent) == ranked(
        shuffled, seed=seed, recent_prompts=recent
    )


@given(candidate_lists(), SEEDS, st.sets(st.integers(1, 10)))
def test_items_of_recent_prompts_come_last(candidates: list[Candidate], seed: int, recent: set[int]) -> None:
    late = [one.prompt_id in recent for one in ranked(candidates, seed=seed, recent_prompts=recent)]
    assert late == sorted(late)


@given(candidate_lists(), SEEDS)
def test_nobody_waits_for_an_item_longer_than_the_window(candidates: list[Candidate], seed: int) -> None:
    found = ranked(candidates, seed=seed, recent_prompts=())
    for earlier, later in itertools.combinations(found, 2):
        assert earlier.position < later.position + WINDOW


@given(SEEDS, st.integers(1, 2**63 - 1))
def test_jitter_is_a_fixed_share(seed: int, response_id: int) -> None:
    assert 0 <= jitter(seed, response_id) < 1
    assert jitter(seed, response_id) == jitter(seed, response_id)


def test_two_annotators_have_two_orders() -> None:
    candidates = [Candidate(n, n, n) for n in range(20)]
    orders = {tuple(ranked(candidates, seed=seed, recent_prompts=())) for seed in range(20)}
    assert len(orders) == 20


def test_jitter_is_spread_evenly() -> None:
    tenths = Counter(int(10 * jitter(seed, response)) for seed in range(50) for response in range(100))
    assert all(400 < tenths[tenth] < 600 for tenth in range(10))
