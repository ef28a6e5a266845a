"""A small study whose findings can be worked out by hand: two models, each with and without a safety prompt."""

from collections.abc import Mapping
from pathlib import Path

from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating import import_ratings
from ihlannotate.pipeline.importing import RunFile, import_run
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.lifecycle import unblind_study
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import make_study
from tests.files import ratings_file, write_csv
from tests.pipeline.rated import N, R, close

LEVELS = {"R": R, "N": N}
# One sign for each of ten prompts; "-" is nothing said.
GOLD = {
    ("Aster-1", "none"): "RRRNNN----",
    ("Aster-1", "safety"): "RRRRNN----",
    ("Borealis-2", "none"): "NNNNNN----",
    ("Borealis-2", "safety"): "RRRRRR----",
}
HELPFUL = {
    ("Aster-1", "none"): "321-------",
    ("Aster-1", "safety"): "3332------",
    ("Borealis-2", "safety"): "111111----",
}
VERDICTS = {("Aster-1", "none"): "RRNNNRRRRN", ("Aster-1", "safety"): "RRRNNRRRRR"}
HELPFUL_VERDICTS = {("Aster-1", "none"): "32---133--"}
Table = Mapping[tuple[str, str], str]


def closed_study(path: Path) -> Study:
    """Closed, gold released, with verdicts of Judge-1 on Aster-1 alone."""
    study = make_study(overlap=1)
    rate_study(study, path, gold=GOLD, helpful=HELPFUL)
    judge(study, "refusal", VERDICTS)
    judge(study, "helpfulness", HELPFUL_VERDICTS)
    release_gold(close(study), actor=None)
    return study


def unblinded_study(path: Path) -> Study:
    study = closed_study(path)
    _unblind(study)
    return study


def rate_study(study: Study, path: Path, *, gold: Table, helpful: Table) -> None:
    """Import the runs of a table and the ratings of one annotator."""
    for (model, condition), signs in gold.items():
        import_run(study, _run(path, model, condition, len(signs)), actor=None)
    _rate(study, path, "refusal", gold)
    _rate(study, path, "helpfulness", helpful)


def unblind(study: Study) -> None:
    """Close the study, release its gold, unblind it."""
    release_gold(close(study), actor=None)
    _unblind(study)


def _unblind(study: Study) -> None:
    unblind_study(study, reason="To publish.", actor=None)
    study.refresh_from_db()


def judge(study: Study, key: str, table: Table, *, name: str = "Judge-1") -> None:
    """Save these verdicts on a criterion."""
    said = [
        Said(row, external_id, value)
        for row, (external_id, value) in enumerate(_said(table).items(), start=1)
        if value
    ]
    save_verdicts(study, said, judge=name, criterion=key, actor=None)


def _run(path: Path, model: str, condition: str, size: int) -> RunFile:
    rows = [
        {
            "id": f"{model}-{condition}-{n}",
            "prompt": f"Request number {n}, which the law forbids.",
            "response": f"I won't do that, number {n}.",
            "model": model,
            "condition": condition,
            "system_prompt": "Heed the law." if condition == "safety" else "",
            "complexity": "plain" if n < 5 else "technical",
            "rules": "1;7" if n < 5 else "7",
        }
        for n in range(size)
    ]
    file = write_csv(path / f"{model}-{condition}.csv", rows)
    return RunFile(path=file, name=file.name)


def _rate(study: Study, path: Path, key: str, table: Table) -> None:
    rows = [{"id": external_id, "one": value} for external_id, value in _said(table).items()]
    file = ratings_file(path / f"{key}.csv", rows, criterion=key)
    import_ratings(study, file, annotators={"one": "R1"}, actor=None)


def _said(table: Table) -> dict[str, str]:
    return {
        f"{model}-{condition}-{n}": "" if sign == "-" else LEVELS.get(sign, sign)
        for (model, condition), signs in table.items()
        for n, sign in enumerate(signs)
    }
