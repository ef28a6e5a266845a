"""What callers get: the shapes of all answers, for the schema and for the tests that hold answers against it."""

from typing import Any

from rest_framework import serializers

from ihlannotate.api.agreement_answers import EstimateAnswer
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
    mapping = serializers.DictField(
        child=serializers.CharField(), help_text="The judge's label -> the level that it was read as."
    )


class GoldLabelAnswer(serializers.Serializer[Any]):
    """The gold value of one response for one criterion.

    Empty where contested, where reasonable lawyers differ, and where the question does not apply.
    """

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
    gold = EstimateAnswer()


class ConclusionAnswer(serializers.Serializer[Any]):
    """Whether the judge may replace one annotator (null: not shown), by the rule in docs/methods.md."""

    outcome = serializers.CharField(help_text="The rule that decided.")
    may_replace = serializers.BooleanField(allow_null=True)
    sentence = serializers.CharField()


class JudgeSliceAnswer(serializers.Serializer[Any]):
    """The judge on one part of the study, with gold as it is. By model and condition only once it is unblinded."""

    kind = serializers.CharField()
    name = serializers.CharField()
    n = serializers.IntegerField()
    unparsed = serializers.IntegerField()
    prompts = serializers.IntegerField()
    accuracy = EstimateAnswer()
    cohen_kappa = EstimateAnswer()


class CriterionValidationAnswer(serializers.Serializer[Any]):
    title = serializers.CharField()
    level = serializers.CharField()
    conclusion = ConclusionAnswer()
    n = serializers.IntegerField()
    unparsed = serializers.IntegerField()
    without_gold = serializers.IntegerField()
    inapplicable = serializers.IntegerField()
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
    slices = JudgeSliceAnswer(many=True)


class ValidationAnswer(serializers.Serializer[Any]):
    study = serializers.CharField()
    judge = serializers.CharField()
    release = serializers.IntegerField()
    conclusion = serializers.CharField(help_text="One sentence on all criteria; empty where there are none.")
    seed = serializers.IntegerField()
    replicates = serializers.IntegerField()
    criteria = serializers.DictField(child=CriterionValidationAnswer())
