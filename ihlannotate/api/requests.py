"""What callers send: query strings, forms and JSON bodies, checked before a verb sees them."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ihlannotate.pipeline.exporting import FORMATS as EXPORT_FORMATS
from ihlannotate.pipeline.exporting import WHAT
from ihlannotate.pipeline.judging import Said
from ihlannotate.readers import FORMATS as RUN_FORMATS
from ihlannotate.readers.base import ReadError
from ihlannotate.readers.columns import FIELDS, parse_mapping
from ihlannotate.stats.thresholds import MEASURES

MOST_REPLICATES = 10_000


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class MappingField(serializers.JSONField):
    """A JSON object in a form: field -> column."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        columns = serializers.DictField(child=serializers.CharField(allow_blank=True))
        try:
            mapping: dict[str, str] = columns.run_validation(super().to_internal_value(data))
        except RecursionError as error:
            raise serializers.ValidationError(_("The JSON is nested too deeply.")) from error
        if not mapping.keys() <= set(FIELDS):
            raise serializers.ValidationError(
                _("Use these fields: %(fields)s.") % {"fields": ", ".join(FIELDS)}
            )
        return mapping


class RunForm(serializers.Serializer[Any]):
    """A run file, and what its columns mean where their names do not tell."""

    file = serializers.FileField(help_text="csv, tsv, jsonl or xlsx, with a row for each response.")
    model = serializers.CharField(
        default="", allow_blank=True, max_length=200, help_text="The model that wrote the responses."
    )
    condition = serializers.CharField(
        default="", allow_blank=True, max_length=200, help_text="The condition under which it was asked."
    )
    format = serializers.ChoiceField(
        RUN_FORMATS, required=False, help_text="Where the file's name does not tell."
    )
    mapping = MappingField(default=dict, help_text="Field -> column, as a JSON object.")
    map = serializers.ListField(
        child=serializers.CharField(), default=list, help_text="The same as repeated field=column."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            pairs = parse_mapping(attrs["map"])
        except ReadError as error:
            raise serializers.ValidationError({"map": str(error)}) from error
        if pairs.keys() & attrs["mapping"].keys():
            raise serializers.ValidationError({"map": _("A field is given twice.")})
        return attrs | {"mapping": attrs["mapping"] | pairs}


class VerdictItem(serializers.Serializer[Any]):
    """What the judge said of one response. An empty verdict is counted and not kept."""

    external_id = serializers.CharField(max_length=200, help_text="As in the run file.")
    verdict = serializers.CharField(allow_blank=True, help_text="As the judge gave it.")
    score = serializers.FloatField(required=False, allow_null=True)
    text_sha256 = serializers.CharField(
        required=False, allow_blank=True, max_length=64, help_text="Of the response as the judge read it."
    )
    rationale = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="The judge's reasons."
    )


class VerdictsBody(serializers.Serializer[Any]):
    """A judge's verdicts on one criterion."""

    judge = serializers.CharField(max_length=200, help_text="A new version of a judge has a new name.")
    criterion = serializers.CharField(help_text="Key of the criterion in the rubric.")
    model = serializers.CharField(
        default="", allow_blank=True, max_length=200, help_text="Whose run, where external ids repeat."
    )
    values = serializers.DictField(
        child=serializers.CharField(), default=dict, help_text="The judge's label -> the rubric's value."
    )
    settings = serializers.DictField(
        child=serializers.CharField(max_length=500),
        default=dict,
        help_text="What its owner states of the judge: model, version, prompt hash. Others make another judge.",
    )
    scores_are_probabilities = serializers.BooleanField(
        default=False, help_text="Scores outside 0 to 1 are refused."
    )
    verdicts = VerdictItem(many=True, allow_empty=False)

    def said(self) -> list[Said]:
        """The verdicts as the verb takes them; rows are counted from 1."""
        return [
            Said(
                row=row,
                external_id=one["external_id"],
                verdict=one["verdict"],
                score="" if one.get("score") is None else repr(one["score"]),
                rationale=one.get("rationale", ""),
                text_sha256=one.get("text_sha256", ""),
            )
            for row, one in enumerate(self.validated_data["verdicts"], start=1)
        ]


class DrawsQuery(serializers.Serializer[Any]):
    """How intervals are drawn. The same seed gives the same intervals."""

    seed = serializers.IntegerField(default=0, min_value=0, max_value=2**31 - 1)
    replicates = serializers.IntegerField(
        default=1000, min_value=0, max_value=MOST_REPLICATES, help_text="Bootstrap replicates over prompts."
    )


class FiguresQuery(DrawsQuery):
    """Which criterion, and how its intervals are drawn."""

    criterion = serializers.CharField(default="", help_text="Key of the only criterion to compute.")

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of the verbs that compute figures."""
        said = self.validated_data
        keys = [said["criterion"]] if said["criterion"] else []
        return {"keys": keys, "seed": said["seed"], "replicates": said["replicates"]}


class FindingsQuery(DrawsQuery):
    """Which judge's verdicts gold corrects."""

    judge = serializers.CharField(default="", help_text="The first by name, unless told.")


class ScoresQuery(DrawsQuery):
    """The level that scores are held to speak of, and what a threshold maximises."""

    level = serializers.CharField(
        default="", help_text="The one stated with the judge, or that its scores follow, unless told."
    )
    measure = serializers.ChoiceField(MEASURES, default="accuracy")


class ExportQuery(serializers.Serializer[Any]):
    """Which tables, and in which format; a bundle is a zip and a report is html, and nothing else is."""

    what = serializers.ChoiceField(WHAT, default="all")
    format = serializers.ChoiceField(EXPORT_FORMATS, default="xlsx")
