"""findings: refusal and helpfulness by model and condition, corrected by gold; only once a study is unblinded."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import REPLICATES, SEED, VerbCommand, study_named
from ihlannotate.management.commands.agreement import figure
from ihlannotate.pipeline.findings import findings

METHODS = ("naive", "gold", "corrected", "ppi")
WARNING = "    warning: the intervals of the two corrections do not meet; trust neither before you know why"
CHANGE_WARNING = "    warning: the change by PPI++ has an interval that does not meet gold's"


class Command(VerbCommand):
    help = "Refusal and helpfulness by model and condition, by a judge, by gold, and by the judge corrected by gold."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--judge", metavar="NAME", default="", help="the first by name, where left out")
        parser.add_argument("--seed", type=SEED, default=0, metavar="N")
        parser.add_argument("--replicates", type=REPLICATES, default=1000, metavar="N")

    def run(self, **options: Any) -> Mapping[str, Any]:
        return findings(
            study_named(options["slug"]),
            judge=options["judge"],
            seed=options["seed"],
            replicates=options["replicates"],
        ).as_dict()

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        judge = answer["judge"] or "no judge"
        said = [f"{answer['study']}: gold release {answer['release']}, {judge}"]
        for one in answer["measures"]:
            said.append(one["measure"])
            for cell in one["cells"]:
                n = cell["n"]
                said.append(
                    f"  {cell['model']} · {cell['condition'] or '–'}: {n['gold']} with gold, {n['judge']} judged"
                )
                said += [f"    {method:<10} {figure(cell[method])}" for method in METHODS]
                if cell["corrections_disagree"]:
                    said.append(WARNING)
            for effect in one["effects"]:
                change = figure(effect["gold"]["difference"])
                said.append(f"  {effect['model']}: {effect['condition']} changes gold by {change}")
                if effect["corrections_disagree"]:
                    said.append(CHANGE_WARNING)
        return said
