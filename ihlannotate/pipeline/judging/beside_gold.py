"""A judge's verdicts on one criterion beside a release's gold, as columns of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.models.item import Response
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import inapplicable_responses, latest_release
from ihlannotate.pipeline.sampling import weights_of
from ihlannotate.readers.rubric import CriterionSpec

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """The n responses that have both a settled gold value and a verdict, ascending, and the N with a verdict only.

    `gold` (n) and `said` (n, -1 unparsed) are indices of the criterion's levels, `posterior` (n × L) the probability
    of each, `prompts` (n) and `responses` (n) database ids, `tiers` (n) names. `elsewhere` (N) are verdicts without
    gold, `prompts_elsewhere` (N) their prompts. In a study with a sample `weights` (n) are inverse inclusion
    probabilities, and `elsewhere` are all verdicts: those of the whole that gold, weighed, stands for. Responses with
    a verdict on which the question does not apply by gold are `inapplicable`, and in neither.
    """

    criterion: int
    responses: IntArray
    prompts: IntArray
    gold: IntArray
    said: IntArray
    posterior: NDArray[np.float64]
    tiers: tuple[str, ...]
    elsewhere: IntArray
    prompts_elsewhere: IntArray
    verdicts: dict[int, int]  # response -> index of its level, -1 unparsed
    inapplicable: frozenset[int]
    weights: NDArray[np.float64] | None


def judge_named(study: Study, name: str) -> Judge:
    """The study's judge of this name. Raises Refused, naming those that there are."""
    known = Judge.objects.filter(study=study, name=name).first()
    if known is None:
        names = ", ".join(f"“{one}”" for one in judges_of(study)) or _("none yet")
        raise Refused(
            _("Study “%(slug)s” has no judge “%(judge)s”. Its judges: %(names)s.")
            % {"slug": study.slug, "judge": name, "names": names}
        )
    return known


def judges_of(study: Study) -> list[str]:
    """The names of the study's judges."""
    return list(study.judges.order_by("name").values_list("name", flat=True))


def release_of(study: Study) -> GoldRelease:
    """The release that judges are held against: the latest. Raises Refused where there is none."""
    release = latest_release(study)
    if release is None:
        raise Refused(
            _(
                "Study “%(slug)s” has no gold release to hold a judge against. Close the study and "
                "release its gold labels first."
            )
            % {"slug": study.slug}
        )
    return release


def beside_gold(study: Study, judge: Judge, release: GoldRelease, spec: CriterionSpec) -> Judged:
    """The judge's verdicts on a criterion with levels beside the release's gold."""
    criterion = Criterion.objects.get(rubric=study.rubric_id, key=spec.key)
    levels = [option.value for option in spec.options]
    index = {level: k for k, level in enumerate(levels)}
    verdicts = {
        response: index.get(value, -1)
        for response, value in Verdict.objects.filter(judge=judge, criterion=criterion).values_list(
            "response_id", "value"
        )
    }
    inapplicable = inapplicable_responses(release, levelled_criteria(study), spec.key) & verdicts.keys()
    prompts = dict(Response.objects.filter(study=study).values_list("pk", "prompt_id"))
    labels = {
        response: (index[value], tier, [posterior.get(one, 0.0) for one in levels])
        for response, value, tier, posterior in GoldLabel.objects.filter(release=release, criterion=criterion)
        .exclude(value="")
        .values_list("response_id", "value", "tier", "posterior")
    }
    asked = verdicts.keys() - inapplicable
    held = sorted(labels.keys() & asked)
    weights = weights_of(study, held)
    elsewhere = sorted(asked - labels.keys() if weights is None else asked)
    posterior = np.array([labels[one][2] for one in held], dtype=np.float64).reshape(-1, len(levels))
    return Judged(
        criterion=criterion.pk,
        responses=codes(held),
        prompts=codes([prompts[one] for one in held]),
        gold=codes([labels[one][0] for one in held]),
        said=codes([verdicts[one] for one in held]),
        posterior=_normalised(posterior),
        tiers=tuple(labels[one][1] for one in held),
        elsewhere=codes([verdicts[one] for one in elsewhere]),
        prompts_elsewhere=codes([prompts[one] for one in elsewhere]),
        verdicts=verdicts,
        inapplicable=inapplicable,
        weights=weights,
    )


def codes(values: Sequence[int]) -> IntArray:
    """A column of numbers, also where there are none."""
    return np.array(values, dtype=np.int64)


def _normalised(posterior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows that sum to 1 again after they were stored with twelve decimals."""
    sums: NDArray[np.float64] = posterior.sum(axis=1, keepdims=True)
    return posterior / sums
