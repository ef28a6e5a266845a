"""calibrate_judge: a judge's scores held against gold, a map of them to probabilities, and where to cut them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import REPLICATES, SEED, VerbCommand, study_named
from ihlannotate.management.commands.agreement import figure
from ihlannotate.pipeline.judging.score_results import ScoreReport
from ihlannotate.pipeline.judging.scores import judge_scores, scored_criterion
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.stats.thresholds import MEASURES


class Command(VerbCommand):
    help = "Hold a judge's scores against gold, and write a map from scores to probabilities."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("judge")
        parser.add_argument("--criterion", metavar="KEY", help="needed where the judge scored several")
        parser.add_argument("--level", default="", metavar="VALUE", help="the level that the scores speak of")
        parser.add_argument(
            "--measure", choices=MEASURES, default="accuracy", help="what a threshold maximises"
        )
        parser.add_argument("--map", metavar="FILE", help="write the map there, as JSON")
        parser.add_argument("--method", choices=["isotonic", "platt"], default="isotonic", help="which map")
        parser.add_argument("--seed", type=SEED, default=0, metavar="N")
        parser.add_argument("--replicates", type=REPLICATES, default=1000, metavar="N")

    def run(self, **options: Any) -> Mapping[str, Any]:
        study, judge = study_named(options["slug"]), options["judge"]
        report = judge_scores(
            study,
            judge,
            options["criterion"] or scored_criterion(study, judge),
            level=options["level"],
            measure=options["measure"],
            seed=options["seed"],
            replicates=options["replicates"],
        )
        if options["map"]:
            _write(Path(options["map"]), report, options["method"])
        return report.as_dict()

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        threshold = answer["threshold"]
        said = [
            f"{answer['judge']} on {answer['criterion']}, level {answer['level']} ({answer['level_chosen']}), "
            f"gold release {answer['release']}: {answer['outcome']}",
            f"  {answer['n']} responses with gold and a score, {answer['prompts']} prompts, "
            f"{answer['without_score']} without a score",
        ]
        for name, one in (("as they are", answer["raw"]), *answer["maps"].items()):
            figures = (
                f"Brier {figure(one['brier'])}, ECE {figure(one['ece'])}" if "brier" in one else one["note"]
            )
            said.append(f"  {name:<12} {figures}")
        if threshold["best"]:
            said.append(
                f"  threshold    {threshold['best']['at']} by {threshold['measure']}: "
                f"{figure(threshold['on_other_prompts'])} on other prompts, own labels "
                f"{figure(answer['own_labels']['value'])}"
            )
        return said


def _write(path: Path, report: ScoreReport, method: str) -> None:
    fitted = report.isotonic if method == "isotonic" else report.platt
    found = report.map_dict(fitted.method)
    if found is None:
        raise Refused(f"There is no {method} map to write: {fitted.note}.")
    try:
        path.write_text(json.dumps(found, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path}: the map can't be written there ({error.strerror}).") from error
