"""agreement: how far the annotators of a study agree."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import REPLICATES, SEED, VerbCommand, study_named
from ihlannotate.pipeline.agreement import agreement


class Command(VerbCommand):
    help = "Agreement on each criterion, with intervals from a bootstrap over prompts."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--criterion", metavar="KEY", help="only this one")
        parser.add_argument("--seed", type=SEED, default=0, metavar="N")
        parser.add_argument("--replicates", type=REPLICATES, default=1000, metavar="N")

    def run(self, **options: Any) -> Mapping[str, Any]:
        keys = [options["criterion"]] if options["criterion"] else []
        study = study_named(options["slug"])
        seed, replicates = options["seed"], options["replicates"]
        # The text tells only the coefficients; what lies behind them takes several times as long
        report = agreement(study, keys=keys, seed=seed, replicates=replicates, detail=options["json"])
        return report.as_dict()

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        said = []
        for key, one in answer["criteria"].items():
            said.append(f"{key} ({one['level']}; {one['units']} responses, {one['annotators']} annotators)")
            for name in ("percent_agreement", "krippendorff_alpha", "gwet_ac", "fleiss_kappa"):
                said.append(f"  {name:<20} {figure(one[name])}")
        return [*said, f"Intervals: {answer['replicates']} replicates over prompts, seed {answer['seed']}."]


def figure(estimate: Mapping[str, Any]) -> str:
    """A figure with its interval, or why there is none."""
    if estimate["value"] is None:
        return f"undefined: {estimate['note']}"
    low, high = estimate["ci"]
    interval = f" [{low:.3f}, {high:.3f}]" if low is not None else ""
    return f"{estimate['value']:.3f}{interval}"
