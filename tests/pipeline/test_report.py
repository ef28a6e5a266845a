"""The report of a study: the figures of the verbs, blind until unblinding, one file that needs no other."""

import base64
import re
from pathlib import Path

import pytest
from django.db import transaction
from django.utils.translation import override

from ihlannotate.models.event import Event
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import agreement
from ihlannotate.pipeline.exporting import export, import_bundle
from ihlannotate.pipeline.findings import findings
from ihlannotate.pipeline.judging import validate_judge
from ihlannotate.pipeline.judging.scores import judge_scores
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.pipeline.reporting.blocks import Facts, Listing, Report, Section, SetTable, Typesetter
from ihlannotate.pipeline.reporting.document import report_html, report_of
from ihlannotate.pipeline.reporting.score_words import score_sentence
from ihlannotate.stats.estimate import Estimate
from ihlannotate.writers.latex import table_latex
from ihlannotate.writers.tables import Figure, Table, TableColumn, table_csv
from tests.factory import make_study
from tests.pipeline.found import closed_study, unblinded_study
from tests.pipeline.scored import scored_study
from tests.pipeline.test_bundle import bundle_of
from tests.secret_world import ANSWERS, PEOPLE, SYSTEMS, VERDICTS, plant, word

pytestmark = pytest.mark.django_db
SYSTEM_NAMES = ("Aster-1", "Borealis-2", "safety")


def silent(step: str, done: int, total: int) -> None:
    pass


def report(study: Study) -> Report:
    release = latest_release(study)
    assert release
    return report_of(study, release, progress=silent)


def table(found: Report, name: str) -> Table:
    return next(one for one in found.tables if one.name == name)


def same(cell: object, estimate: Estimate) -> bool:
    assert isinstance(cell, Figure)
    return (cell.value, cell.low, cell.high) == (estimate.value, estimate.low, estimate.high)


def test_figures_of_agreement_are_those_of_the_verb(tmp_path: Path) -> None:
    study = closed_study(tmp_path)
    rows = table(report(study), "agreement").rows
    criteria = agreement(study).criteria
    assert [row[0] for row in rows[: len(criteria)]] == [one.title for one in criteria]
    for row, one in zip(rows, criteria, strict=False):
        assert same(row[5], one.reliability.krippendorff_alpha)
        assert same(row[4], one.reliability.percent_agreement)


def test_figures_of_a_judge_are_those_of_the_verb(tmp_path: Path) -> None:
    study = closed_study(tmp_path)
    found, validated = report(study), validate_judge(study, "Judge-1")
    assert [one.key for one in validated.criteria] == ["refusal", "helpfulness"]
    for one in validated.criteria:
        figures = table(found, f"judge-1-{one.key}-figures").rows
        assert same(figures[0][2], one.report.accuracy)
        prevalence = table(found, f"judge-1-{one.key}-prevalence")
        for row, (_level, rate) in zip(prevalence.rows, one.prevalence, strict=True):
            cells = {column.title: cell for column, cell in zip(prevalence.columns, row, strict=True)}
            assert same(cells["PPI++"], rate.ppi)
            assert same(cells["Judge alone"], rate.naive)


def test_figures_of_findings_are_those_of_the_verb(tmp_path: Path) -> None:
    study = unblinded_study(tmp_path)
    found = report(study)
    for at, measure in enumerate(findings(study).measures, start=1):
        rows = table(found, f"findings-{at}-runs").rows
        for row, cell in zip(rows, measure.cells, strict=True):
            assert row[0] == cell.model
            four = (
                cell.figure.judge.naive,
                cell.figure.gold,
                cell.figure.judge.corrected,
                cell.figure.judge.ppi,
            )
            assert all(same(*pair) for pair in zip(row[2:6], four, strict=True))


def test_scores_of_a_judge_are_told_with_their_maps_and_the_figures_of_the_verb(tmp_path: Path) -> None:
    study = scored_study(tmp_path)
    found, scored = report(study), judge_scores(study, "Heron", "refusal")
    rows = table(found, "judge-1-refusal-calibration").rows
    briers = [cell.value for row in rows for cell in row if isinstance(cell, Figure)]
    for one in (scored.isotonic, scored.platt):
        assert one.calibration
        assert one.calibration.brier.value in briers
    assert any(one.startswith(score_sentence(scored, "Refused")) for one in found.texts)
    names = [one.name for one in found.tables]
    assert "judge-1-refusal-thresholds" in names
    assert len(names) == len(set(names))


def test_a_judge_without_scores_has_no_tables_of_them(tmp_path: Path) -> None:
    names = [one.name for one in report(closed_study(tmp_path)).tables]
    assert "judge-1-refusal-figures" in names
    assert "judge-1-refusal-calibration" not in names


def test_before_unblinding_it_names_no_system_and_says_that_findings_wait(tmp_path: Path) -> None:
    found = report(closed_study(tmp_path))
    html = report_html(found)
    assert found.blinded
    assert any(
        "nothing is computed by model or condition before it is unblinded" in one for one in found.texts
    )
    assert not any(one.name.startswith("findings") for one in found.tables)
    assert not [name for name in SYSTEM_NAMES if name in html or name in decoded(html)]


def test_after_unblinding_it_names_them(tmp_path: Path) -> None:
    found = report(unblinded_study(tmp_path))
    assert not found.blinded
    assert all(name in report_html(found) for name in SYSTEM_NAMES)


def test_nothing_secret_is_in_a_blinded_report_and_no_account_in_any(tmp_path: Path) -> None:
    accounts = {f"{name.lower()}{what}" for name in PEOPLE for what in ("name", "mail")}
    for state in ("closed", "unblinded"):
        folder = tmp_path / state
        folder.mkdir()
        with transaction.atomic():
            world = plant(state, folder)
            html = report_html(report(world.study))
            text = html + decoded(html)
            hidden = {
                word(one) for one in (*ANSWERS, *VERDICTS, *accounts, "external", "mask", "system", "skipped")
            }
            if state == "closed":
                hidden |= {word(one) for one in SYSTEMS}
            assert sorted(one for one in hidden | world.never_told if one in text) == []
            assert word("bobalias") in text
            transaction.set_rollback(True)


def decoded(html: str) -> str:
    """What stands in the addresses of the downloads."""
    return "".join(
        base64.b64decode(one).decode() for one in re.findall(r'href="data:[^,"]*;base64,([^"]*)"', html)
    )


def test_the_summary_says_of_a_change_what_its_figure_says(tmp_path: Path) -> None:
    found = report(unblinded_study(tmp_path))
    said = [
        item
        for part in found.sections[0].sections
        for block in part.blocks
        if isinstance(block, Listing)
        for item in block.items
    ]
    titles = [f"{one.title}." for one in found.plots if "change" in one.title]
    assert titles
    assert set(titles) <= set(said)


def test_it_fetches_nothing_and_runs_nothing(tmp_path: Path) -> None:
    html = report_html(report(unblinded_study(tmp_path)))
    addresses = re.findall(r'(?:href|src|action|data|srcset)="([^"]*)"', html)
    assert addresses
    assert [one for one in addresses if not one.startswith(("#", "data:text/"))] == []
    assert not re.search(r"<script|<link|<img|url\(|@import|\son\w+=", html)


def test_every_table_is_inside_as_csv_and_as_latex(tmp_path: Path) -> None:
    found = report(unblinded_study(tmp_path))
    names = [one.name for one in found.tables]
    assert len(names) == len(set(names))
    files = re.findall(r'href="data:[^,"]*;base64,([^"]*)"\s+download="([^"]*)"', report_html(found))
    texts = {name: base64.b64decode(content).decode() for content, name in files}
    assert texts == {f"{one.name}.csv": table_csv(one) for one in found.tables} | {
        f"{one.name}.tex": table_latex(one) for one in found.tables
    }


def test_tables_and_figures_are_numbered_as_they_come(tmp_path: Path) -> None:
    found = report(unblinded_study(tmp_path))
    html = report_html(found)
    for kind, all_of_it in (("table", found.tables), ("figure", found.plots)):
        numbers = [int(one) for one in re.findall(rf'id="{kind}-(\d+)"', html)]
        assert numbers == list(range(1, len(all_of_it) + 1))
        assert len(all_of_it) > 3


def test_every_entry_of_the_contents_leads_to_a_section(tmp_path: Path) -> None:
    html = report_html(report(unblinded_study(tmp_path)))
    leads = re.findall(r'href="#([^"]*)"', html)
    anchors = re.findall(r'<section id="([^"]*)"', html)
    assert len(anchors) == len(set(anchors))
    assert set(leads) <= set(anchors)
    assert {"s-1", "s-A"} <= set(leads)


def test_the_title_states_release_rubric_and_software(tmp_path: Path) -> None:
    study = closed_study(tmp_path)
    release = latest_release(study)
    assert release
    facts = dict(report(study).facts.rows)
    assert facts["SHA-256 of the release"] == release.sha256
    assert facts["SHA-256 of the rubric"] == study.rubric.sha256
    assert facts["Software"].startswith("ihlannotate ")


def test_it_is_in_the_language_of_whoever_asks(tmp_path: Path) -> None:
    study = closed_study(tmp_path)
    with override("fr"):
        html = report_html(report(study))
    assert '<html lang="fr" dir="ltr">' in html
    assert "α de Krippendorff" in html
    assert '<html lang="en"' in report_html(report(study))


def test_the_same_data_give_the_same_file_and_an_event(tmp_path: Path) -> None:
    study = closed_study(tmp_path)
    paths = [tmp_path / "a.html", tmp_path / "b.html"]
    done = [export(study, path, what="report", format="html", actor=None) for path in paths]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert done[0].files["a.html"] == done[1].files["b.html"]
    assert done[0].blinded
    event = Event.objects.filter(verb="study.exported").latest("number")
    assert event.data == {"what": "report", "format": "html", "blinded": True, "files": dict(done[1].files)}


def test_it_tells_how_far_it_is(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    export(
        closed_study(tmp_path),
        tmp_path / "a.html",
        what="report",
        format="html",
        actor=None,
        progress=lambda _step, done, total: steps.append((done, total)),
    )
    assert steps == [(at, 4) for at in range(4)]


def test_without_a_release_or_as_another_format_it_is_refused(tmp_path: Path) -> None:
    study = make_study()
    with pytest.raises(Refused, match="no gold release yet"):
        export(study, tmp_path / "a.html", what="report", format="html", actor=None)
    for what, format in (("report", "csv"), ("all", "html")):
        with pytest.raises(Refused, match="A report is an HTML file, and nothing else is"):
            export(study, tmp_path / "a", what=what, format=format, actor=None)


def test_a_study_that_was_read_back_without_annotations_has_one_too(tmp_path: Path) -> None:
    bundle = tmp_path / "b.zip"
    with transaction.atomic():
        bundle_of(closed_study(tmp_path), bundle)
        transaction.set_rollback(True)
    import_bundle(bundle, slug="elsewhere", actor=None)
    found = report(Study.objects.get(slug="elsewhere"))
    assert "Agreement can’t be measured yet" in report_html(found)
    assert sum(row[-1] for row in table(found, "gold-tiers").rows if isinstance(row[-1], int))


def placed(rows: tuple[tuple[str | Figure, ...], ...], *titles: str) -> SetTable:
    columns = tuple(TableColumn(title, numeric=at > 0) for at, title in enumerate(titles))
    section = Section("T", (Table("t", "Caption", columns, rows),))
    (done,) = Typesetter().set(Report("R", Facts(()), (section,), blinded=True))
    content = done.blocks[0].content
    assert isinstance(content, SetTable)
    return content


def test_an_interval_stays_in_one_piece() -> None:
    found = placed((("α", Figure("0.81 [0.76, 0.85]", 0.81, 0.76, 0.85)),), "What", "Value")
    assert found.rows[0][1].text == "0.81 [0.76,\u00a00.85]"


def test_a_sentence_runs_on_over_empty_cells() -> None:
    found = placed((("α", "too few adjudicated items", "", ""), ("β", "", "1", "2")), "a", "b", "c", "d")
    assert [(one.span, one.numeric) for one in found.rows[0]] == [(1, False), (3, False)]
    assert [one.span for one in found.rows[1]] == [1, 1, 1, 1]


def test_a_table_that_does_not_fit_is_set_across_the_page_and_a_long_one_may_break() -> None:
    narrow = placed((("a", "1"),) * 20, "a", "b")
    assert (narrow.size, narrow.short) == ("", False)
    wide = placed((("a", *["[1.00,\u00a02.00]"] * 12),), *"abcdefghijklm")
    assert (wide.size, wide.short) == ("wide", True)
    assert placed((("a", *["[1.00,\u00a02.00]"] * 8),), *"abcdefghi").size == "dense"
