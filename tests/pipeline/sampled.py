"""A study in which experts see a sample: two models, a judge whose positives are drawn more often than the rest."""

from pathlib import Path

from ihlannotate.models.sample import Inclusion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating import import_ratings
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.releasing import release_gold
from ihlannotate.pipeline.sampling import Oversampled, draw_sample
from tests.factory import make_study
from tests.files import ratings_file, run_file, run_rows
from tests.pipeline.rated import N, R, close

MORE_REFUSALS = Oversampled("Heron", "refusal", R, 4.0)
EACH = 60
MODELS = ("Aster-1", "Borealis-2")


def imported_study(path: Path, **fields: object) -> Study:
    """A draft of two models that answered the same sixty prompts, none rated, with a judge's verdict on each."""
    study = make_study(overlap=1, **fields)
    for model in MODELS:
        rows = [
            row | {"id": f"{model}-{row['id']}", "response": f"{row['response']} {model[0]}"}
            for row in run_rows(EACH)
        ]
        import_run(study, run_file(path / f"{model}.csv", rows, model=model), actor=None)
    said = [Said(row, name, R if says_refused(name) else N) for row, name in enumerate(names())]
    save_verdicts(study, said, judge="Heron", criterion="refusal", actor=None)
    return study


def names() -> list[str]:
    """The external ids of all responses."""
    return [f"{model}-r{number}" for model in MODELS for number in range(EACH)]


def says_refused(name: str) -> bool:
    """Whether the judge calls it a refusal: every third response."""
    return int(name.rpartition("r")[2]) % 3 == 0


def is_refused(name: str) -> bool:
    """Whether the experts do: where the judge does, but for every ninth, and where it does not, every twentieth."""
    number = int(name.rpartition("r")[2])
    return number % 9 != 0 if says_refused(name) else number % 20 == 1


def drawn(study: Study) -> dict[str, float]:
    """External id -> inclusion probability of the responses that were drawn."""
    rows = Inclusion.objects.filter(sample__study=study, chosen=True)
    ids = dict(rows.values_list("response_id", "probability"))
    return {name: ids[pk] for name, pk in ids_of(study).items() if pk in ids}


def ids_of(study: Study) -> dict[str, int]:
    """External id -> id of the response."""
    texts = {text: pk for pk, text in study.responses.values_list("pk", "text")}
    return {
        f"{model}-r{number}": texts[f"I won't do that, number {number}. {model[0]}"]
        for model in MODELS
        for number in range(EACH)
    }


def rate_drawn(study: Study, path: Path) -> Study:
    """What was drawn is rated by one expert; the study is closed and its gold released."""
    rows = [{"id": name, "one": R if is_refused(name) else N} for name in sorted(drawn(study))]
    import_ratings(study, ratings_file(path / "ratings.csv", rows), annotators={"one": "R1"}, actor=None)
    close(study)
    release_gold(study, actor=None)
    return study


def sampled_study(path: Path) -> Study:
    """Closed, with gold on forty responses, among which the judge's refusals are far too many."""
    study = imported_study(path)
    draw_sample(study, size=40, by=["model"], oversample=[MORE_REFUSALS], seed=3, actor=None)
    return rate_drawn(study, path)
