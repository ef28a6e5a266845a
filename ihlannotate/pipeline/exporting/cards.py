"""Judge cards: how a judge did against the newest gold release, as JSON and as Markdown that says the main figures.

Cards are in English whoever asks, so that the same data give the same text.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import override

from ihlannotate.models.judge import Judge
from ihlannotate.models.study import Study
from ihlannotate.pipeline.judging import validate_judge
from ihlannotate.pipeline.releasing.markdown import escaped, number, table

KEPT = "card"  # among a judge's settings: the card that came with an imported bundle

Card = Mapping[str, Any]


def card_of(study: Study, judge: Judge) -> Card:
    """The figures of `validate_judge` without the study's name; those that came along where the study was imported.

    An imported study has no annotations, so it could not tell how annotators did.
    """
    if KEPT in judge.settings:
        return dict(judge.settings[KEPT])
    with override("en"):
        report = validate_judge(study, judge.name, seed=study.seed).as_dict()
    del report["study"]
    return report


def stated(judge: Judge) -> dict[str, Any]:
    """What a judge's owner states of it."""
    return {key: value for key, value in judge.settings.items() if key != KEPT}


def markdown(card: Card) -> str:
    """A card as Markdown."""
    parts = (line for key, one in sorted(card["criteria"].items()) for line in _part(key, one))
    return "\n".join([*_head(card), *parts])


def _head(card: Card) -> Iterator[str]:
    yield f"# Judge {escaped(card['judge'])}"
    yield ""
    yield (
        f"Held against gold release {card['release']}. 95% intervals rest on {number(card['replicates'])} bootstrap "
        f"replicates over prompts (seed {card['seed']}). All figures are in the JSON file of the same name."
    )
    yield ""


def _part(key: str, one: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {escaped(key)}: {escaped(one['title'])}"
    yield ""
    yield (
        f"{number(one['n'])} responses with a verdict and a gold level; {number(one['unparsed'])} verdicts could not "
        f"be parsed and count as wrong."
    )
    yield ""
    ceiling = one["human_ceiling"]
    yield from table(
        ("Figure", "Value"),
        (
            ("Accuracy", _figure(one["accuracy"])),
            ("Accuracy, parsed verdicts only", _figure(one["parsed_only"]["accuracy"])),
            ("Cohen's κ", _figure(one["cohen_kappa"])),
            ("Krippendorff's α with gold", _figure(one["krippendorff_alpha"])),
            ("Matthews correlation", _figure(one["mcc"])),
            ("Accuracy of an annotator against the others", _figure(ceiling["human_accuracy"])),
            ("Accuracy of the judge on the same responses", _figure(ceiling["judge_accuracy"])),
            ("Alternative annotator test", _test(one["alt_test"])),
        ),
    )
    yield ""
    yield from _confusion(one["confusion"])
    yield ""
    yield from table(
        ("Level", "Sensitivity", "Specificity", "Precision", "Share by the judge", "Share, corrected"),
        (
            (
                escaped(level),
                *(
                    _figure(one["per_label"][level][name])
                    for name in ("sensitivity", "specificity", "precision")
                ),
                *(_figure(one["prevalence"].get(level, {}).get(name)) for name in ("naive", "corrected")),
            )
            for level in one["confusion"]["labels"]
        ),
    )
    yield ""


def _confusion(found: Mapping[str, Any]) -> Iterator[str]:
    yield from table(
        ("Gold level", *(f"Judge: {escaped(column)}" for column in found["columns"])),
        (
            (escaped(level), *map(str, row))
            for level, row in zip(found["labels"], found["matrix"], strict=True)
        ),
    )


def _test(test: Mapping[str, Any]) -> str:
    if test["winning_rate"] is None:
        return f"not made: {escaped(test['note'])}"
    outcome = "passed" if test["passed"] else "not passed"
    return f"{outcome} (ε {test['epsilon']}, winning rate {test['winning_rate']:.2f})"


def _figure(found: Mapping[str, Any] | None) -> str:
    """`0.81 [0.76, 0.85]`, or why there is none."""
    if found is None or found["value"] is None:
        return f"undefined: {escaped(found['note'])}" if found else "–"
    low, high = found["ci"] or (None, None)
    if low is None or high is None:
        return f"{found['value']:.2f} (no interval)"
    return f"{found['value']:.2f} [{low:.2f}, {high:.2f}]"
