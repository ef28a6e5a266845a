"""Studies whose annotators' answers are given as a table, one row a response, one column an annotator."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating import import_adjudications
from ihlannotate.pipeline.annotating import import_ratings
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.lifecycle import close_study, open_study
from tests.factory import make_study
from tests.files import ratings_file, run_file, run_rows

R, P, N = "refused", "partly_refused", "not_refused"
Table = Sequence[Sequence[str]]


def rated_study(path: Path, table: Table, *, slug: str = "refusals", **fields: Any) -> Study:
    """A study in draft whose response r0, r1, ... was rated by R1, R2, ... as the table says; "" is no rating."""
    wide = max(map(len, table), default=1)
    study = make_study(slug=slug, overlap=wide, **fields)
    import_run(study, run_file(path / f"{slug}-run.csv", run_rows(len(table))), actor=None)
    rate(study, path, table)
    return study


def rate(study: Study, path: Path, table: Table, *, criterion: str = "refusal") -> None:
    """Add these answers to a criterion."""
    wide = max(map(len, table))
    rows = [
        {"id": f"r{number}", **{f"c{who}": row[who] for who in range(wide)}}
        for number, row in enumerate(table)
    ]
    annotators = {f"c{who}": f"R{who + 1}" for who in range(wide)}
    file = ratings_file(path / "ratings.csv", rows, criterion=criterion)
    import_ratings(study, file, annotators=annotators, actor=None)


def settle(study: Study, path: Path, values: Mapping[str, str], *, criterion: str = "refusal") -> None:
    """Import adjudications: external id -> value."""
    rows = [{"id": external_id, "settled": value} for external_id, value in values.items()]
    file = ratings_file(path / "settled.csv", rows, criterion=criterion)
    import_adjudications(study, file, column="settled", actor=None)


def close(study: Study) -> Study:
    """Open and close the study."""
    open_study(study, actor=None)
    close_study(study, actor=None)
    study.refresh_from_db()
    return study
