"""What callers get of agreement: the shapes of its figures."""

from typing import Any

from rest_framework import serializers


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


class OwnThirdAnswer(serializers.Serializer[Any]):
    annotations = serializers.IntegerField()
    shares = serializers.DictField(child=EstimateAnswer(), help_text="Of each level among the annotations.")
    mean = EstimateAnswer(help_text="Of the levels' numbers, or of their ranks from 1 if ordinal.")


class ThirdAnswer(OwnThirdAnswer):
    pairable_units = serializers.IntegerField()
    krippendorff_alpha = EstimateAnswer()


class DriftAnswer(serializers.Serializer[Any]):
    """First, middle and last third of the annotators' own sequences, and the change per 100 items along them."""

    thirds = ThirdAnswer(many=True)
    slopes = serializers.DictField(child=EstimateAnswer(), help_text="Of each level's share.")
    slope = EstimateAnswer(help_text="Of the mean.")
    per_annotator = serializers.DictField(
        child=OwnThirdAnswer(many=True), help_text="Alias -> thirds, of those who rated here."
    )


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
    drift = DriftAnswer(required=False, help_text="Along each annotator's sequence of items.")
    masi_agreement = EstimateAnswer(required=False, help_text="Mean MASI similarity of two sets.")
    distinct_sets = serializers.IntegerField(required=False)


class AgreementAnswer(serializers.Serializer[Any]):
    study = serializers.CharField()
    seed = serializers.IntegerField()
    replicates = serializers.IntegerField()
    criteria = serializers.DictField(child=CriterionAgreementAnswer())
