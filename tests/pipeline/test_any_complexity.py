"""A file may say of its prompts how difficult they are in words of its own: nothing that is cut by them breaks."""

from pathlib import Path

import pytest

from ihlannotate.pipeline.agreement import agreement
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.judging import Said, save_verdicts, validate_judge
from ihlannotate.pipeline.releasing import release_gold
from ihlannotate.pipeline.reporting.agreement_tables import agreement_tables
from ihlannotate.pipeline.reporting.judge_tables import judge_tables
from ihlannotate.writers.tables import Table, shown
from tests.factory import make_study
from tests.files import run_file, run_rows
from tests.pipeline.rated import N, R, close, rate

pytestmark = pytest.mark.django_db


def test_a_complexity_that_is_none_of_ours_is_shown_as_it_is(tmp_path: Path) -> None:
    table = [[R, R]] * 6 + [[N, N]] * 6
    study = make_study(overlap=2)
    rows = [
        {**row, "difficulty": "Hard" if at % 2 else "plain"} for at, row in enumerate(run_rows(len(table)))
    ]
    import_run(study, run_file(tmp_path / "run.csv", rows), actor=None)
    rate(study, tmp_path, table)
    said = [Said(at, f"r{at}", row[0]) for at, row in enumerate(table)]
    save_verdicts(study, said, judge="Heron", criterion="refusal", actor=None)
    release_gold(close(study), actor=None)
    specs = {one.key: one for one in spec_of(study.rubric).criteria}
    found = validate_judge(study, "Heron", replicates=20)
    assert "hard" in told(judge_tables(found, specs, number=1))
    assert "hard" in told(agreement_tables(agreement(study, replicates=20), specs))


def told(tables: tuple[Table, ...]) -> set[str]:
    return {shown(cell) for table in tables for row in table.rows for cell in row}
