"""A judge against gold: the validation report from the database, and scikit-learn in a loop over the same labels."""

from time import perf_counter

import numpy as np
from django.db import transaction
from sklearn.metrics import accuracy_score, cohen_kappa_score, confusion_matrix

from bench.inside.world import SEED, created, open_world, rate_all
from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.judging import validate_judge
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.releasing import release_gold

ANNOTATORS = 3
JUDGE, CRITERION = "bench", "refusal"
UNPARSED = "unparsed"
REPLICATES = 1000


def prepare(*, responses: int, rated: int) -> dict[str, float]:
    """A closed study with gold for the first `rated` responses, and a judge's verdict on each, one in ten astray."""
    study, members = open_world(responses=responses, annotators=ANNOTATORS)
    rate_all(study, members, responses=rated)
    close_study(study, actor=None)
    release_gold(study, actor=None)
    judge = Judge.objects.create(study=study, name=JUDGE)
    criterion = Criterion.objects.get(rubric=study.rubric_id, key=CRITERION)
    rng = np.random.default_rng(SEED)
    levels = ("refused", "partly_refused", "not_refused", "")
    with transaction.atomic():
        verdicts = (
            _verdict(judge, criterion, response, levels[_said(response, rng)])
            for response in study.responses.order_by("pk").values_list("pk", flat=True)
        )
        for _ in created(Verdict, verdicts):
            pass
    return {}


def _said(response: int, rng: np.random.Generator) -> int:
    """The level that annotators lean to (`world`), or now and then any other, or none."""
    leaning = (response % 8 == 0) + (response % 16 == 0)
    return leaning if rng.random() < 0.9 else int(rng.integers(4))


def _verdict(judge: Judge, criterion: Criterion, response: int, value: str) -> Verdict:
    return Verdict(
        judge=judge, criterion=criterion, response_id=response, value=value, raw=value or "No verdict."
    )


def validate() -> dict[str, float]:
    """Seconds of the report, and its headline figures."""
    study = Study.objects.select_related("rubric").get()
    start = perf_counter()
    report = validate_judge(study, JUDGE, replicates=REPLICATES)
    seconds = perf_counter() - start
    (found,) = report.criteria
    return {
        "seconds": seconds,
        "with gold": found.report.n,
        "without gold": found.without_gold,
        "accuracy": found.report.accuracy.value or 0.0,
        "kappa": found.report.cohen_kappa.value or 0.0,
    }


def loop(*, naive: int) -> dict[str, float]:
    """Seconds that scikit-learn would take for REPLICATES of confusion, accuracy and kappa; `naive` are measured.

    As one would write it: the prompts are drawn again, and the functions are called on the labels of those drawn. The
    labels are read before the clock starts.
    """
    said = dict(Verdict.objects.values_list("response_id", "value"))
    labels = GoldLabel.objects.filter(criterion__key=CRITERION).exclude(value="").order_by("response_id")
    rows = list(labels.values_list("response_id", "response__prompt_id", "value"))
    prompts = np.array([prompt for _, prompt, _ in rows])
    _, codes = np.unique(prompts, return_inverse=True)
    gold = np.array([value for *_, value in rows])
    verdicts = np.array([said[response] or UNPARSED for response, *_ in rows])
    rng = np.random.default_rng(SEED)
    count = int(codes.max()) + 1
    start = perf_counter()
    for _ in range(naive):
        times = np.bincount(rng.integers(count, size=count), minlength=count)[codes]
        chosen = np.repeat(np.arange(len(codes)), times)
        confusion_matrix(gold[chosen], verdicts[chosen])
        accuracy_score(gold[chosen], verdicts[chosen])
        cohen_kappa_score(gold[chosen], verdicts[chosen])
    return {
        "loop": (perf_counter() - start) * REPLICATES / naive,
        "accuracy": float(accuracy_score(gold, verdicts)),
        "kappa": float(cohen_kappa_score(gold, verdicts)),
    }
