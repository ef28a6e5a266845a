"""Nothing that anybody can reach tells what they may not know: every address, every role, every state of a study."""

import re
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils.html import escape

from ihlannotate.models.gold import Opinion
from ihlannotate.pipeline.agreement import agreement
from ihlannotate.pipeline.guessing import guess, next_guess
from ihlannotate.pipeline.lifecycle import open_study
from tests.factory import make_item, make_member, make_study, make_user, rate_next
from tests.secret_world import ANSWERS, ITEMS, SHARED, STATES, SYSTEMS, VERDICTS, World, plant, word
from tests.walk import Told, Visitor, addresses

SIGN_IN = ("/sign-in/", "/password/", "/admin/login/")
ENDED = ("readiness_use", "readiness_excuse")  # acts that a closed study does not offer
OPENED = (200, 201, 204, 400, 409, 422)
CLOCK = re.compile(r"\d\d:\d\d:\d\d\.\d+")
DIGITS = re.compile(r"""(?:href|src|action|formaction|hx-\w+)=["'][^"'?#]*/\d+(?:[/"'?#])""")


@pytest.fixture(autouse=True)
def _pages_can_render(static_files: None) -> None:
    cache.clear()


@pytest.fixture(params=STATES)
def world(request: pytest.FixtureRequest, db: None, tmp_path: Path, settings: Any) -> World:
    settings.MEDIA_ROOT = tmp_path / "files"
    return plant(request.param, tmp_path)


def visits(world: World, name: str, *, reaching: str = "", without: Collection[str] = ()) -> Iterator[Told]:
    """All that somebody is told at all addresses, but for those in the spaces `without`.

    Fails where they get nowhere at an address in the space `reaching`, neither there nor by a form on another page.
    """
    visitor = Visitor(world.people[name] if name else None)
    fillers = world.fillers
    walked = [address for address in addresses() if address.space not in without]
    opened = set()
    for address in walked:
        for url in address.urls(fillers):
            for told in visitor.everything(url):
                opened |= {told.asked} if told.status in OPENED else set()
                yield told
    for address in walked:
        if (
            address.space == reaching
            and address.name not in ENDED
            and opened.isdisjoint(address.urls(fillers))
        ):
            pytest.fail(
                f"{name} gets nowhere at {address.route}: `fillers` in tests/secret_world.py lack what exists"
            )


def found_in(told: Told, words: set[str]) -> list[str]:
    """The words that a visit told, whatever their case; the seconds of a time are no figure."""
    text = CLOCK.sub("", told.text.lower())
    return sorted(one for one in words if one.lower() in text)


def ids_in(told: Told, ids: set[str]) -> list[str]:
    """The ids of rows that stand in what was told as numbers of their own."""
    return sorted(ids & set(re.findall(r"(?<![\w.-])\d{9,10}(?![\w-])", told.text)))


def test_annotators_and_adjudicators_are_told_no_secret_and_no_id(world: World) -> None:
    ids, never_told = world.ids, world.never_told
    for name, space in (("Alice", "annotate:"), ("Dana", "adjudicate:")):
        hidden = world.hidden_from(name) | never_told
        naming = set()
        for told in visits(world, name, reaching=space if world.study.is_open else ""):
            unsaid = hidden - may_be_named(world, name, told)
            assert not found_in(told, unsaid), f"{name} is told a secret at {told}"
            assert not ids_in(told, ids), f"{name} is told the id of a row at {told}"
            assert not DIGITS.search(told.html), f"{name} gets an address that can be counted at {told}"
            naming |= {told.landed} if found_in(told, MODELS) else set()
        names_models = world.study.state == "closed" and name == "Alice"
        assert naming == ({guess_page(world)} if names_models else set())


MODELS = {word("modela"), word("modelb")}


COMMENTS = {word("alicecomment"), word("bobcomment")}
QUESTION = {word("eriknote")}
NOTES = QUESTION | {word("bobnote")}
SECOND_STEP = ("Step 2 of 2", "Settled by you")


def may_be_named(world: World, name: str, told: Told) -> set[str]:
    """The exceptions. After closing, the page that asks an annotator which model wrote a response names them all
    (docs/decisions/guessing-after-closing.md). Whoever rated an item reads the adjudicator's notes on it, and an
    adjudicator whose own opinion stands what the annotators wrote (docs/decisions/adjudication-in-two-steps.md).
    """
    if name == "Alice":
        asks = world.study.state == "closed" and told.landed == guess_page(world)
        rated = told.landed in [f"/rate/{world.study.code}/{code}/" for code in world.discussed]
        return (MODELS if asks else set()) | (QUESTION if rated else set())
    return COMMENTS if any(one in told.text for one in SECOND_STEP) else set()


def test_an_adjudicator_is_told_no_answer_and_no_note_before_their_own_opinion_is_stored(
    world: World,
) -> None:
    if world.study.state not in ("open", "closed"):
        return
    dana = Visitor(world.people["Dana"])
    given = Opinion.objects.filter(adjudicator__user=world.people["Dana"])
    withheld = COMMENTS | NOTES | {word("erikreason"), "Annotator 1"}
    shown = []
    for code in world.study.responses.values_list("code", flat=True):
        page = f"/adjudicate/{world.study.code}/{code}/"
        sent = {"refusal-outcome": ["level-refused"], "refusal-reason": ["Why."], "note": ["What now?"]}
        asked = [dana.ask("get", page), dana.ask("get", page, htmx=True)]
        asked += [dana.ask("post", page, data=sent | {"act": [act]}) for act in ("", "note", "settle")]
        if given.filter(response__code=code).exists():
            shown.append(asked[0])
            continue
        for told in asked:
            assert not found_in(told, withheld), f"{told} tells Dana too much"
    for told in shown:
        assert set(found_in(told, COMMENTS)) >= COMMENTS
        assert not found_in(told, world.hidden_from("Dana") - COMMENTS)
    assert len(shown) == 1


def test_whoever_rated_a_discussed_item_reads_the_question_without_learning_whose_it_is(world: World) -> None:
    if world.study.state == "draft":
        return
    alice = Visitor(world.people["Alice"])
    for code in world.discussed:
        told = alice.ask("get", f"/rate/{world.study.code}/{code}/")
        assert set(found_in(told, QUESTION)) == QUESTION
        assert not found_in(told, world.hidden_from("Alice") - QUESTION)
    assert len(world.discussed) == 1


def guess_page(world: World) -> str:
    return f"/rate/{world.study.code}/guess/"


def test_the_page_that_names_models_ties_no_response_to_one(world: World) -> None:
    """It is the same for every response but for the response itself, and names all models in alphabetical order."""
    visitor, seen = Visitor(world.people["Alice"]), []
    member = world.study.memberships.select_related("study__rubric").get(user=world.people["Alice"])
    while asked := next_guess(member):
        told = visitor.ask("get", guess_page(world))
        assert re.findall("zqmodel.qz", told.text)[::2] == sorted(MODELS)
        around = plain(told)
        for own in (asked.code, asked.prompt, asked.response.text):
            around = around.replace(escape(own), "")
        seen.append(re.sub(r"Response \d of \d|\b[ab]\d\b|Save and (go on|finish)", "", around))
        assert guess(member, code=asked.code, model="")
    assert len(seen) == (ITEMS // 2 if world.study.state == "closed" else 0)
    assert len(set(seen)) <= 1
    thanks = visitor.ask("get", guess_page(world))
    assert not found_in(thanks, MODELS)


def test_whoever_has_no_role_in_a_study_is_told_nothing_of_it(world: World) -> None:
    ours = world.secrets | {word(one) for one in SHARED} | world.never_told
    theirs = {word(one) for one in ("otherslug", "othertitle", "token")}
    for told in visits(world, "Frank"):
        assert not found_in(told, ours - theirs), f"a coordinator of another study is told a secret at {told}"
    for told in visits(world, "Eve") if world.study.is_open else ():
        assert not found_in(told, ours), f"somebody without any role is told a secret at {told}"


def test_strangers_are_only_asked_to_sign_in(world: World) -> None:
    hidden = world.secrets | {word(one) for one in SHARED} | world.never_told
    for told in visits(world, ""):
        assert not found_in(told, hidden), f"a stranger is told a secret at {told}"
        signs_in = told.landed.startswith(SIGN_IN)
        assert signs_in or told.status in (401, 403, 404, 405), f"a stranger is let in at {told}"


def test_until_unblinding_no_page_joins_a_system_to_what_was_said_of_its_responses(world: World) -> None:
    systems, never_told = {word(one) for one in SYSTEMS}, world.never_told
    said = {word(one) for one in (*ANSWERS, *VERDICTS)} | figures(world) | world.labelled
    reaching = ("coordinate:", "api:") if world.study.state == "closed" else ("", "")
    walks = chain(
        visits(world, "Carol", reaching=reaching[0]),
        visits(world, "Root", reaching=reaching[1], without=("annotate:", "adjudicate:", "coordinate:")),
    )
    for told in walks:
        assert not found_in(told, never_told), f"a coordinator is told what nobody may know at {told}"
        if not world.study.is_unblinded and (named := found_in(told, systems)):
            joined = found_in(told, said)
            assert not joined, f"{told} tells a coordinator of {named} beside {joined}"


def figures(world: World) -> set[str]:
    """The study's agreement as pages and answers write it, where the number says anything."""
    found = set()
    for criterion in agreement(world.study, replicates=0).criteria:
        result = criterion.reliability
        for one in (result.percent_agreement, result.krippendorff_alpha, result.gwet_ac, result.fleiss_kappa):
            if one.value is not None and abs(one.value) not in (0.0, 0.5, 1.0):
                found |= {f"{one.value:.2f}".replace("-", "−"), f"{one.value:.2f}", f"{100 * one.value:.1f}"}
    return found


def test_nothing_that_an_annotator_reads_changes_when_others_rate(db: None) -> None:
    study = make_study()
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    for number in range(4):
        make_item(study, prompt=f"Request {number}, which the law forbids.", response=f"No, number {number}.")
    open_study(study, actor=None)
    mine = rate_next(alice)
    visitor = Visitor(make_user("Alice"))
    desk = f"/rate/{study.code}/"
    pages = ["/", desk, f"{desk}ratings/", f"{desk}{mine.code}/", "/api/v1/studies/"]
    before = [plain(visitor.ask("get", page)) for page in pages]
    for _ in range(3):
        rate_next(bob, {"refusal": ["not_refused"]})
    assert [plain(visitor.ask("get", page)) for page in pages] == before


def plain(told: Told) -> str:
    """What was told without what is new at every visit."""
    assert told.status == 200
    text = re.sub(r'name="(csrfmiddlewaretoken|submission)" value="[^"]*"', "", told.text)
    return re.sub(r"(?m)^(Set-Cookie|Content-Length|Expires|Date|Content-Security-Policy).*$", "", text)
