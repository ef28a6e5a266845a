"""Under which answers a question is asked, in the words that people read."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from ihlannotate.readers.rubric import CriterionSpec, RubricSpec


def asked_where(rubric: RubricSpec, spec: CriterionSpec) -> str:
    """“asked where “Did the model refuse?” is “Refused” or “Partly refused””; empty where it is always asked."""
    return where({one.key: one for one in rubric.criteria}, spec.show_if)


def where(specs: Mapping[str, CriterionSpec], conditions: Mapping[str, Sequence[str]]) -> str:
    """The same of `conditions`, criterion -> levels; `specs` are the rubric's criteria by their keys."""
    parts = []
    for key, values in conditions.items():
        earlier = specs[key]
        labels = [_("“%(label)s”") % {"label": one.label} for one in earlier.options if one.value in values]
        parts.append(
            _("“%(question)s” is %(answers)s")
            % {"question": earlier.title, "answers": _(" or ").join(labels)}
        )
    return _("asked where %(conditions)s") % {"conditions": _(" and ").join(parts)} if parts else ""
