"""draw_sample: which responses experts will see, or (--plan) how precise samples of several sizes would be."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import SEED, VerbCommand, several, study_named, whole
from ihlannotate.models.study import Study
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.sampling import FIELDS, USUAL, Oversampled, draw_sample
from ihlannotate.stats.planning import plan

ITEMS = (50, 100, 200, 400, 800)
FORM = "CRITERION=LEVEL:FACTOR"
DOUBT_FORM = "CRITERION:FACTOR"
_FACTOR = r":(?P<factor>\d+(\.\d+)?|\.\d+)"
PATTERNS = {FORM: r"(?P<key>[^=]+)=(?P<level>.+)" + _FACTOR, DOUBT_FORM: r"(?P<key>[^=:]+)" + _FACTOR}


class Command(VerbCommand):
    help = "Draw the responses that experts will see, at random within strata, while the study is a draft."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        todo = parser.add_mutually_exclusive_group(required=True)
        todo.add_argument(
            "--size", type=whole(1, 10_000_000), metavar="N", help="how many responses experts rate"
        )
        todo.add_argument(
            "--plan", action="store_true", help="draw nothing; say how precise samples would be"
        )
        parser.add_argument(
            "--by", nargs="*", default=list(USUAL), metavar="NAME", help=f"strata: {', '.join(FIELDS)}"
        )
        several(parser, "--oversample", form=FORM, text="verdicts of this level FACTOR times as often")
        several(
            parser,
            "--oversample-unsure",
            form=DOUBT_FORM,
            text="the quarter of verdicts of which the judge was least sure FACTOR times as often",
        )
        parser.add_argument("--judge", metavar="NAME", help="whose verdicts, where there are several judges")
        parser.add_argument("--seed", type=SEED, metavar="N", help="without it, the study's")

    def run(self, **options: Any) -> Mapping[str, Any]:
        study = study_named(options["slug"])
        if options["plan"]:
            return {"study": study.slug, "plan": [one.as_dict() for one in plan(ITEMS, raters=study.overlap)]}
        found = draw_sample(
            study,
            size=options["size"],
            by=options["by"],
            oversample=list(_classes(study, options)),
            seed=options["seed"],
            actor=None,
        )
        return {"study": study.slug, **found.as_dict()}

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        if "plan" in answer:
            return [
                "Half-widths of 95% intervals: α (two even levels), α (one level of 10%), a share of 90%",
                *(
                    f"{one['n']:>6} responses  {_number(one['alpha'])}  {_number(one['alpha_rare'])}  "
                    f"{_number(one['share'])}"
                    for one in answer["plan"]
                ),
            ]
        said = [f"{answer['size']} of {answer['responses']} responses are drawn, with seed {answer['seed']}."]
        for one in answer["strata"]:
            name = " · ".join(part or "–" for part in one["of"]) or "all"
            more = " · ".join(
                f"{among['level'] or 'least sure'}: {'yes' if within else 'no'}"
                for among, within in zip(answer["oversampled"], one["classes"], strict=True)
            )
            said.append(
                f"  {' · '.join(part for part in (name, more) if part)}: {one['drawn']} of {one['responses']}"
            )
        return said


def _number(value: float | None) -> str:
    return "    –" if value is None else f"{value:5.3f}"


def _classes(study: Study, options: Mapping[str, Any]) -> Iterator[Oversampled]:
    asked = [(FORM, text) for text in options["oversample"]]
    asked += [(DOUBT_FORM, text) for text in options["oversample_unsure"]]
    for form, text in asked:
        found = re.fullmatch(PATTERNS[form], text)
        if found is None:
            raise Refused(f"“{text}” should have the form {form}.")
        judge = options["judge"] or _only_judge(study)
        said = found.groupdict("")
        yield Oversampled(judge, said["key"].strip(), said.get("level", "").strip(), float(said["factor"]))


def _only_judge(study: Study) -> str:
    judges = list(study.judges.order_by("name").values_list("name", flat=True))
    if len(judges) != 1:
        names = ", ".join(judges) or "none yet"
        raise Refused(f"Say whose verdicts, with --judge NAME. The study's judges: {names}.")
    return judges[0]
