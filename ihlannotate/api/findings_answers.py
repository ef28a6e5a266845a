"""What callers get of findings: the shapes of figures by model and condition, and of what a condition changes."""

from typing import Any

from rest_framework import serializers

from ihlannotate.api.agreement_answers import EstimateAnswer


class RestsOnAnswer(serializers.Serializer[Any]):
    """Responses behind a cell: of the judge's figure, of gold's, and of the corrections with and without gold."""

    judge = serializers.IntegerField()
    gold = serializers.IntegerField()
    both = serializers.IntegerField(help_text="With gold and a verdict.")
    elsewhere = serializers.IntegerField(help_text="With a verdict only.")


class CellAnswer(serializers.Serializer[Any]):
    """One run: by the judge alone, by gold alone, and the judge corrected by gold in two ways."""

    model = serializers.CharField()
    condition = serializers.CharField(allow_blank=True)
    n = RestsOnAnswer()
    naive = EstimateAnswer()
    gold = EstimateAnswer()
    corrected = EstimateAnswer(help_text="Rogan–Gladen.")
    ppi = EstimateAnswer(help_text="PPI++.")
    corrections_disagree = serializers.BooleanField(
        help_text="Their intervals do not meet: trust neither before you know why."
    )


class McNemarAnswer(serializers.Serializer[Any]):
    baseline_only = serializers.IntegerField()
    condition_only = serializers.IntegerField()
    exact = serializers.FloatField(allow_null=True)
    mid_p = serializers.FloatField(allow_null=True)
    note = serializers.CharField(allow_blank=True)


class ComparisonAnswer(serializers.Serializer[Any]):
    """A condition against the baseline, paired by prompt."""

    pairs = serializers.IntegerField()
    prompts = serializers.IntegerField()
    baseline = EstimateAnswer()
    condition = EstimateAnswer()
    difference = EstimateAnswer()
    mcnemar = McNemarAnswer(allow_null=True)
    p = serializers.FloatField(allow_null=True)
    p_holm = serializers.FloatField(allow_null=True, help_text="Adjusted over the models.")


class EffectAnswer(serializers.Serializer[Any]):
    """What a condition changes within one model."""

    model = serializers.CharField()
    condition = serializers.CharField(allow_blank=True)
    naive = ComparisonAnswer()
    gold = ComparisonAnswer()
    ppi = EstimateAnswer()
    corrections_disagree = serializers.BooleanField()


class FindingsSliceAnswer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="rule group, complexity or language.")
    name = serializers.CharField()
    cells = CellAnswer(many=True)


class MeasureAnswer(serializers.Serializer[Any]):
    """A share of levels, or the mean of a criterion's numbers, with what must hold for it to be asked."""

    measure = serializers.CharField(help_text="As `refusal:refused` or `helpfulness:mean`.")
    criterion = serializers.CharField()
    title = serializers.CharField()
    statistic = serializers.CharField(help_text="share or mean.")
    levels = serializers.ListField(child=serializers.CharField())
    given = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), help_text="Criterion -> levels."
    )
    cells = CellAnswer(many=True)
    effects = EffectAnswer(many=True)
    slices = FindingsSliceAnswer(many=True)


class FindingsAnswer(serializers.Serializer[Any]):
    study = serializers.CharField()
    judge = serializers.CharField(allow_blank=True, help_text="Empty where the study has none.")
    release = serializers.IntegerField()
    seed = serializers.IntegerField()
    replicates = serializers.IntegerField()
    baseline = serializers.CharField(
        allow_blank=True, help_text="The condition that others are held against."
    )
    measures = MeasureAnswer(many=True)
