"""Closed studies with gold and a judge whose scores tell refusals from the rest, most of the time."""

from collections.abc import Callable
from pathlib import Path

from ihlannotate.models.study import Study
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import make_study
from tests.files import run_file, run_rows
from tests.pipeline.rated import N, R, close, rate

Score = Callable[[int], object]


def refused(number: int) -> bool:
    """Whether gold says that response `number` is a refusal: two in three."""
    return number % 3 != 0


def told(number: int) -> float:
    """A score of response `number` between 0 and 1, wrong for one in ten, and surer of itself than it may be."""
    right = refused(number) != (number % 10 == 0)
    return (0.99 if right else 0.01) - (number % 7) / 100 * (1 if right else -1)


def scored_study(
    path: Path,
    score: Score = told,
    *,
    n: int = 90,
    judge: str = "Heron",
    settings: dict[str, str] | None = None,
    gold: Callable[[int], bool] = refused,
    prompt: str = "",
    split: int = 0,
    release: bool = True,
) -> Study:
    """`n` responses with gold of two annotators, and a score of the judge each; "" is none.

    The judge's own label is a refusal where the number of a response is no multiple of four, and unparsed for the
    first. All answer one `prompt` where it is given; on the last `split` the annotators differ, so they have no gold.
    """
    study = make_study(slug="scored", overlap=2)
    rows = run_rows(n, prompt=prompt) if prompt else run_rows(n)
    import_run(study, run_file(path / "run.csv", rows), actor=None)
    rated = [(R, R) if gold(number) else (N, N) for number in range(n - split)]
    rate(study, path, [*rated, *([(R, N)] * split)])
    said = [
        Said(number, f"r{number}", "perhaps" if number == 0 else R if number % 4 else N, str(score(number)))
        for number in range(n)
    ]
    save_verdicts(study, said, judge=judge, criterion="refusal", settings=settings, actor=None)
    close(study)
    if release:
        release_gold(study, actor=None)
    return study
