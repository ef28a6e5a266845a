"""What callers get of a judge's scores: the shapes of their calibration, maps and threshold."""

from typing import Any

from rest_framework import serializers

from ihlannotate.api.agreement_answers import EstimateAnswer


class BinAnswer(serializers.Serializer[Any]):
    """Scores from `low` to `high`: the mean probability that they gave, and the share that has the level."""

    low = serializers.FloatField()
    high = serializers.FloatField()
    n = serializers.IntegerField()
    predicted = serializers.FloatField()
    observed = EstimateAnswer()


class CalibrationAnswer(serializers.Serializer[Any]):
    """Scores as probabilities. Where they are none, there is a note alone, which says why."""

    n = serializers.IntegerField(required=False)
    brier = EstimateAnswer(required=False)
    ece = EstimateAnswer(required=False)
    ece_by_chance = EstimateAnswer(required=False)
    bins = BinAnswer(many=True, required=False)
    note = serializers.CharField(required=False, allow_blank=True)


class ScoreMapAnswer(serializers.Serializer[Any]):
    """From scores to probabilities: `scores` and `probabilities` of an isotonic map, the others of a Platt map."""

    method = serializers.CharField()
    scores = serializers.ListField(child=serializers.FloatField(), required=False)
    probabilities = serializers.ListField(child=serializers.FloatField(), required=False)
    slope = serializers.FloatField(required=False)
    intercept = serializers.FloatField(required=False)


class FittedMapAnswer(CalibrationAnswer):
    """A map, fitted to all responses, and its calibration on prompts that it has not seen; null where note says why."""

    folds = serializers.IntegerField()
    map = ScoreMapAnswer(allow_null=True)


class DecisionsAnswer(serializers.Serializer[Any]):
    true_positives = serializers.IntegerField()
    false_positives = serializers.IntegerField()
    false_negatives = serializers.IntegerField()
    true_negatives = serializers.IntegerField()


class CutAnswer(DecisionsAnswer):
    """A score of `at` or more gives the level; the value is the measure's, on the responses it was chosen on."""

    at = serializers.FloatField()
    value = serializers.FloatField()


class OwnLabelsAnswer(DecisionsAnswer):
    """The judge's own labels on the same responses."""

    value = EstimateAnswer()


class ThresholdAnswer(serializers.Serializer[Any]):
    measure = serializers.CharField()
    best = CutAnswer(allow_null=True)
    on_other_prompts = EstimateAnswer()
    note = serializers.CharField(allow_blank=True)


class ScoresAnswer(serializers.Serializer[Any]):
    study = serializers.CharField()
    judge = serializers.CharField()
    criterion = serializers.CharField()
    level = serializers.CharField()
    level_chosen = serializers.CharField(help_text="stated, asked, rising or first: why it is this level.")
    outcome = serializers.CharField(help_text="no_map, no_use, as_they_are, mapped or off.")
    release = serializers.IntegerField()
    release_sha256 = serializers.CharField()
    seed = serializers.IntegerField()
    replicates = serializers.IntegerField()
    n = serializers.IntegerField(help_text="Responses with gold and a score.")
    prompts = serializers.IntegerField()
    positives = serializers.IntegerField()
    without_score = serializers.IntegerField()
    without_gold = serializers.IntegerField()
    unparsed = serializers.IntegerField()
    raw = CalibrationAnswer()
    maps = serializers.DictField(child=FittedMapAnswer(), help_text="isotonic and platt.")
    threshold = ThresholdAnswer()
    own_labels = OwnLabelsAnswer()
