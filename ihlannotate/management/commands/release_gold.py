"""release_gold: the gold labels of a closed study, as a numbered snapshot."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import SEED, VerbCommand, study_named
from ihlannotate.pipeline.releasing import release_gold


class Command(VerbCommand):
    help = "Release the gold labels of a closed study."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--seed", type=SEED, metavar="N", help="of the posterior's random starts")

    def run(self, **options: Any) -> Mapping[str, Any]:
        return release_gold(study_named(options["slug"]), actor=None, seed=options["seed"]).as_dict()

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        said = [f"Gold release {answer['release']} of {answer['study']}, SHA-256 {answer['sha256']}."]
        for key, tiers in answer["counts"].items():
            said.append(f"  {key}: " + ", ".join(f"{n} {tier}" for tier, n in tiers.items()))
        return said
