"""validate_judge: a judge held against the latest gold release."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import REPLICATES, SEED, VerbCommand, study_named
from ihlannotate.management.commands.agreement import figure
from ihlannotate.pipeline.judging import validate_judge


class Command(VerbCommand):
    help = "Hold a judge's verdicts against the study's latest gold release."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("judge")
        parser.add_argument("--criterion", metavar="KEY", help="only this one")
        parser.add_argument("--seed", type=SEED, default=0, metavar="N")
        parser.add_argument("--replicates", type=REPLICATES, default=1000, metavar="N")

    def run(self, **options: Any) -> Mapping[str, Any]:
        return validate_judge(
            study_named(options["slug"]),
            options["judge"],
            keys=[options["criterion"]] if options["criterion"] else [],
            seed=options["seed"],
            replicates=options["replicates"],
        ).as_dict()

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        said = [f"{answer['judge']} against gold release {answer['release']} of {answer['study']}"]
        said.append(answer["conclusion"])
        for key, one in answer["criteria"].items():
            said.append(f"{key}: {one['n']} responses with gold, {one['unparsed']} verdicts unparsed")
            said.append(f"  {one['conclusion']['sentence']}")
            for name in ("accuracy", "cohen_kappa", "weighted_kappa", "mcc"):
                said.append(f"  {name:<16} {figure(one[name])}")
            for label, errors in one["per_label"].items():
                said.append(
                    f"  {label}: sensitivity {figure(errors['sensitivity'])}, specificity "
                    f"{figure(errors['specificity'])}"
                )
            test = one["alt_test"]
            said.append(f"  alternative annotator test: winning rate {test['winning_rate']} {test['note']}")
        return said
