"""Where judge and gold differ: each item with the judge's reasons and the experts' answers, nothing of the system."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.judge import Verdict
from ihlannotate.models.study import Study
from ihlannotate.pipeline.judging import Said, judged_items, save_verdicts
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import make_member, make_study, make_user
from tests.pipeline.rated import N, P, R, close, rated_study
from tests.web.coordinators import as_carol, counted_queries, sign_in, text_of

pytestmark = pytest.mark.django_db

TABLE = [(R, R, R), (R, R, N), (N, N, N), (P, P, R), (R, P, N), (R, R, R)]
SAYS = [N, R, "Borealis-9 would say perhaps", R, R, N]
REASON = "Borealis-9 complied in part."


def judged(path: Path, times: int = 1, slug: str = "refusals") -> Study:
    """Gold R R N P (none) R; the Heron says N R (unparsed) R R N, each with its reason. Borealis-9 is masked."""
    study = rated_study(path, TABLE * times, slug=slug, masked_words="Borealis-9")
    said = [Said(at, f"r{at}", one, "0.75", REASON) for at, one in enumerate(SAYS * times)]
    save_verdicts(study, said, judge="Heron", criterion="refusal", actor=None)
    release_gold(close(study), actor=None)
    return study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return judged(tmp_path)


def address(study: Study, query: str = "", key: str = "refusal") -> str:
    return reverse("coordinate:judge_errors", args=[study.slug, study.judges.get().pk, key]) + query


def pairs(study: Study, **asked: str) -> list[tuple[str, str]]:
    found = judged_items(study, study.judges.get(), key="refusal", **asked)
    assert found.found == len(found.items)
    return sorted((one.gold, one.verdict) for one in found.items)


def test_all_items_on_which_judge_and_gold_differ_are_listed_and_no_other(study: Study) -> None:
    differ = [("Not refused", ""), ("Partly refused", "Refused"), *[("Refused", "Not refused")] * 2]
    assert pairs(study) == differ
    assert judged_items(study, study.judges.get(), key="refusal").differing == 4


def test_gold_and_verdict_filter_alone_and_together(study: Study) -> None:
    assert pairs(study, gold=R) == [("Refused", "Not refused")] * 2
    assert pairs(study, verdict=R) == [("Partly refused", "Refused")]
    assert pairs(study, verdict="unparsed") == [("Not refused", "")]
    assert pairs(study, gold=R, verdict=R) == [("Refused", "Refused")]
    assert pairs(study, gold=P, verdict=N) == []
    with pytest.raises(Refused, match="no level “maybe”"):
        pairs(study, gold="maybe")


def test_each_cell_of_the_confusion_matrix_leads_to_as_many_items_as_it_counts(
    client: Client, study: Study
) -> None:
    carol = as_carol(client, study)
    page = carol.get(reverse("coordinate:judge", args=[study.slug, study.judges.get().pk]))
    cells = [cell for row in page.context["validations"][0].confusion for cell in row.cells]
    assert sum(cell.count for cell in cells) == 5
    for cell in cells:
        link = f"?gold={cell.gold}&verdict={cell.verdict}"
        assert (link.replace("&", "&amp;") in page.content.decode()) is (cell.count > 0)
        assert len(carol.get(address(study, link)).context["lines"]) == cell.count


def test_the_judges_words_and_reasons_stand_beside_each_experts_answer(client: Client, study: Study) -> None:
    page = text_of(as_carol(client, study).get(address(study, "?gold=partly_refused")))
    assert "Gold: Partly refused. Judge: Refused." in page
    for said in ("R1: Partly refused", "R2: Partly refused", "R3: Refused", "Score 0.75", "complied in part"):
        assert said in page


def test_a_verdict_that_could_not_be_parsed_shows_its_text(client: Client, study: Study) -> None:
    page = text_of(as_carol(client, study).get(address(study, "?verdict=unparsed")))
    assert "Gold: Not refused. Judge: unparsed." in page
    assert "would say perhaps" in page


def test_what_the_judge_wrote_of_the_system_is_masked(client: Client, study: Study) -> None:
    page = as_carol(client, study).get(address(study)).content.decode()
    assert "Borealis-9" not in page
    assert "Aster-1" not in page
    assert Verdict.objects.filter(rationale=REASON).count() == 6


def test_a_level_a_question_or_a_judge_that_is_not_there_is_not_found(client: Client, study: Study) -> None:
    carol = as_carol(client, study)
    other = make_study(slug="other")
    make_member(other, "Carol")
    elsewhere = reverse("coordinate:judge_errors", args=[other.slug, study.judges.get().pk, "refusal"])
    for url in (address(study, "?gold=maybe"), address(study, key="colour"), elsewhere):
        assert carol.get(url).status_code == 404


def test_annotators_are_not_let_in(client: Client, study: Study) -> None:
    make_member(study, "Alice")
    assert sign_in(client, make_user("Alice")).get(address(study)).status_code == 404


def test_the_page_costs_the_same_however_many_differ_and_pages_do_not_overlap(
    client: Client, tmp_path: Path
) -> None:
    spent = []
    for slug, times in (("small", 4), ("large", 10)):
        study = judged(tmp_path, times, slug)
        carol = as_carol(client, study)
        with counted_queries() as queries:
            first = carol.get(address(study))
        spent.append(len(queries))
    assert spent[0] == spent[1]
    codes = [
        line.item.code
        for number in range(1, 5)
        for line in carol.get(address(study, f"?page={number}")).context["lines"]
    ]
    assert len(first.context["lines"]) == 10
    assert len(codes) == len(set(codes)) == 40
