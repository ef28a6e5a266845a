"""What callers get: the shapes of all answers, for the schema and for the tests that hold answers against it."""

from typing import Any

from rest_framework import serializers

from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.tuning import SETTINGS


class ProblemAnswer(serializers.Serializer[Any]):
    """One thing that is wrong, and where. Rows of a file are its own; items of a JSON list count from 1."""

    row = serializers.IntegerField(allow_null=True)
    column = serializers.CharField(allow_null=True)
    message = serializers.CharField()


class ErrorAnswer(serializers.Serializer[Any]):
    """What went wrong. `conflicts` counts the problems that contradict what is already there."""

    error = serializers.CharField()
    problems = ProblemAnswer(many=True)
    conflicts = serializers.IntegerField()


class StudyAnswer(serializers.Serializer[Any]):
    """A study and the caller's role there. The slug and the overlap are for coordinators, and null for the others."""

    code = serializers.CharField()
    slug = serializers.CharField(allow_null=True)
    title = serializers.CharField()
    role = serializers.ChoiceField(Membership.Role.choices)
    state = serializers.ChoiceField(Study.State.choices)
    overlap = serializers.IntegerField(allow_null=True, help_text="Annotators for each response (k).")


class StudiesAnswer(serializers.Serializer[Any]):
    studies = StudyAnswer(many=True)


class CountsAnswer(serializers.Serializer[Any]):
    responses = serializers.IntegerField()
    slots = serializers.IntegerField(help_text="Annotations that are asked for: k for each response.")
    slots_filled = serializers.IntegerField()
    annotators = serializers.IntegerField()


class SettingsAnswer(serializers.ModelSerializer[Study]):
    """How the study is set up; coordinators change it on the study's page “Settings”."""

    class Meta:
        model = Study
        fields = tuple(SETTINGS)


class StudyDetailAnswer(StudyAnswer):
    settings = SettingsAnswer()
    rubric = serializers.CharField(help_text="Name and version.")
    rubric_sha256 = serializers.CharField()
    judges = serializers.ListField(child=serializers.CharField())
    gold_release = serializers.IntegerField(allow_null=True, help_text="Number of the latest release.")
    counts = CountsAnswer()


class RunAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    model = serializers.CharField()
    condition = serializers.CharField()
    responses = serializers.IntegerField()
    imported_at = serializers.DateTimeField()


class RunsAnswer(serializers.Serializer[Any]):
    runs = RunAnswer(many=True)


class ImportedRunAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    model = serializers.CharField()
    condition = serializers.CharField()
    responses = serializers.IntegerField()


class SkippedAnswer(serializers.Serializer[Any]):
    """A row with no response to rate, and why."""

    row = serializers.IntegerField()
    external_id = serializers.CharField()
    reason = serializers.CharField()


class ImportAnswer(serializers.Serializer[Any]):
    """What an import did; the same as `import_run --json`."""

    run = serializers.CharField(allow_null=True, help_text="Code of the first run.")
    runs = ImportedRunAnswer(many=True)
    prompts_new = serializers.IntegerField()
    responses_new = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    conflicts = serializers.IntegerField()
    skipped = SkippedAnswer(many=True)
    verdicts = serializers.IntegerField()


class VerdictsAnswer(serializers.Serializer[Any]):
    """What became of the verdicts; the same as `import_verdicts --json`. `unparsed` ones are kept as they are."""

    study = serializers.CharField()
    judge = serializers.CharField()
    criterion = serializers.CharField()
    verdicts_new = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    unparsed = serializers.IntegerField()
    empty = serializers.IntegerField()


class EstimateAnswer(serializers.Serializer[Any]):
    """A figure with its 95% interval. An undefined value is null, and the note says why."""

    value = serializers.FloatField(allow_null=True)
    ci = serializers.ListField(
        child=serializers.FloatField(allow_null=True), min_length=2, max_length=2, help_text="Low, high."
    )
    note = serializers.CharField()


class PairAnswer(serializers.Serializer[Any]):
    annotators = serializers.ListField(child=serializers.CharField(), help_text="Two aliases.")
    n = serializers.IntegerField()
    percent_agreement = EstimateAnswer()
    cohen_kappa = EstimateAnswer()
    weighted_kappa = EstimateAnswer()


class CoefficientsAnswer(serializers.Serializer[Any]):
    units = serializers.IntegerField()
    pairable_units = serializers.IntegerField()
    annotations = serializers.IntegerField()
    prompts = serializers.IntegerField(help_text="Clusters that the bootstrap resamples.")
    percent_agreement = EstimateAnswer()
    krippendorff_alpha = EstimateAnswer()
    gwet_ac = EstimateAnswer()
    gwet_kind = serializers.CharField(allow_blank=True)
    fleiss_kappa = EstimateAnswer()


class SliceAnswer(CoefficientsAnswer):
    kind = serializers.CharField(help_text="category, language, rule group or complexity.")
    name = serializers.CharField()


class ConfusedLevelsAnswer(serializers.Serializer[Any]):
    """Two levels that divide annotators: coincidences, their share of all divided pairs, and those by chance."""

    levels = serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2)
    coincidences = serializers.FloatField()
    share = serializers.FloatField()
    by_chance = serializers.FloatField()
    units = serializers.IntegerField()


class RepeatsAnswer(serializers.Serializer[Any]):
    n = serializers.IntegerField()
    prompts = serializers.IntegerField()
    percent_agreement = EstimateAnswer()
    krippendorff_alpha = EstimateAnswer()
    cohen_kappa = EstimateAnswer()
    weighted_kappa = EstimateAnswer()


class IntraAnswer(serializers.Serializer[Any]):
    pooled = RepeatsAnswer()
    per_annotator = serializers.DictField(child=RepeatsAnswer())


class CriterionAgreementAnswer(CoefficientsAnswer):
    """Of a criterion whose answers are sets, level is “nominal sets”, alpha has MASI distance, and what speaks of
    levels is left out."""

    title = serializers.CharField()
    level = serializers.CharField()
    asked_if = serializers.CharField()
    annotators = serializers.IntegerField()
    per_category = serializers.DictField(child=EstimateAnswer())
    prevalence = serializers.DictField(child=EstimateAnswer())
    pairs = PairAnswer(many=True)
    without = serializers.DictField(child=EstimateAnswer(), help_text="Alias -> alpha of all the others.")
    level_use = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        required=False,
        help_text="Alias -> level -> annotations.",
    )
    confusions = ConfusedLevelsAnswer(many=True, required=False)
    slices = SliceAnswer(many=True, required=False)
    slices_left_out = serializers.DictField(
        child=serializers.IntegerField(), required=False, help_text="Kind -> small slices not measured."
    )
    intra = IntraAnswer(required=False, help_text="Annotators against themselves, from silent repeats.")
    masi_agreement = EstimateAnswer(required=False, help_text="Mean MASI similarity of two sets.")
    distinct_sets = serializers.IntegerField(required=False)


class AgreementAnswer(serializers.Serializer[Any]):
    study = serializers.CharField()
    seed = serializers.IntegerField()
    replicates = serializers.IntegerField()
    criteria = serializers.DictField(child=CriterionAgreementAnswer())


class GoldLabelAnswer(serializers.Serializer[Any]):
    """The gold value of one response for one criterion; empty where contested or where reasonable lawyers differ."""

    response = serializers.CharField(source="response.code", help_text="Opaque code of the response.")
    criterion = serializers.CharField(source="criterion.key")
    value = serializers.CharField()
    tier = serializers.ChoiceField(GoldLabel.Tier.choices)
    n = serializers.IntegerField(help_text="How many annotators answered.")
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Level -> annotators.")
    posterior = serializers.DictField(child=serializers.FloatField(), help_text="Level -> probability.")


class GoldAnswer(serializers.Serializer[Any]):
    """One page of the latest gold release."""

    study = serializers.CharField()
    release = serializers.IntegerField()
    method = serializers.CharField()
    seed = serializers.IntegerField()
    sha256 = serializers.CharField()
    released_at = serializers.DateTimeField()
    count = serializers.IntegerField(help_text="Labels in all.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    labels = GoldLabelAnswer(many=True)


class ParsedOnlyAnswer(serializers.Serializer[Any]):
    n = serializers.IntegerField()
    accuracy = EstimateAnswer()
    cohen_kappa = EstimateAnswer()


class ConfusionAnswer(serializers.Serializer[Any]):
    """Rows: gold. Columns: the judge, with the unparsed last."""

    labels = serializers.ListField(child=serializers.CharField())
    matrix = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    columns = serializers.ListField(child=serializers.CharField())


class LabelErrorsAnswer(serializers.Serializer[Any]):
    sensitivity = EstimateAnswer()
    specificity = EstimateAnswer()
    precision = EstimateAnswer()
    f1 = EstimateAnswer()


class HumanCeilingAnswer(serializers.Serializer[Any]):
    human_accuracy = EstimateAnswer()
    human_kappa = EstimateAnswer()
    judge_accuracy = EstimateAnswer()
    judge_kappa = EstimateAnswer()
    accuracy_difference = EstimateAnswer()


class AltTestAnswer(serializers.Serializer[Any]):
    epsilon = serializers.FloatField()
    winning_rate = serializers.FloatField(allow_null=True)
    advantage_probability = serializers.FloatField(allow_null=True)
    annotators_tested = serializers.IntegerField()
    passed = serializers.BooleanField(allow_null=True)
    note = serializers.CharField()


class PrevalenceAnswer(serializers.Serializer[Any]):
    naive = EstimateAnswer()
    corrected = EstimateAnswer()
    ppi = EstimateAnswer()


class CriterionValidationAnswer(serializers.Serializer[Any]):
    title = serializers.CharField()
    level = serializers.CharField()
    n = serializers.IntegerField()
    unparsed = serializers.IntegerField()
    without_gold = serializers.IntegerField()
    accuracy = EstimateAnswer()
    cohen_kappa = EstimateAnswer()
    weighted_kappa = EstimateAnswer()
    parsed_only = ParsedOnlyAnswer()
    krippendorff_alpha = EstimateAnswer()
    mcc = EstimateAnswer()
    macro_f1 = EstimateAnswer()
    confusion = ConfusionAnswer()
    per_label = serializers.DictField(child=LabelErrorsAnswer())
    human_ceiling = HumanCeilingAnswer()
    alt_test = AltTestAnswer()
    prevalence = serializers.DictField(child=PrevalenceAnswer())


class ValidationAnswer(serializers.Serializer[Any]):
    study = serializers.CharField()
    judge = serializers.CharField()
    release = serializers.IntegerField()
    seed = serializers.IntegerField()
    replicates = serializers.IntegerField()
    criteria = serializers.DictField(child=CriterionValidationAnswer())
