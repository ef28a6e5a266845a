"""The sections of a datasheet on the study: what was rated and by whom, their training, what they could not see."""

from collections.abc import Iterable, Iterator, Sequence

from ihlannotate.models.study import Study
from ihlannotate.pipeline.masking.names import listed
from ihlannotate.pipeline.releasing.facts import Facts, Items, Rater
from ihlannotate.pipeline.releasing.markdown import day, escaped, number, share, table
from ihlannotate.pipeline.sampling import Oversampled


def about(study: Study) -> list[str]:
    """What the labels are of, and when they were made."""
    lines = ["## What this is", ""]
    if study.description.strip():
        lines += [escaped(study.description), ""]
    assert study.opened_at is not None
    assert study.closed_at is not None
    return [
        *lines,
        f"Gold labels of the study “{escaped(study.title)}” ({escaped(study.slug)}), rated with the rubric "
        f"{escaped(study.rubric.name)} {escaped(study.rubric.version)}. The study was open from "
        f"{day(study.opened_at)} to {day(study.closed_at)}.",
    ]


def items(study: Study, items: Items) -> Iterator[str]:
    """What there was to rate, and how many annotators rated it."""
    yield from ("## What was rated, and how it was sampled", "")
    yield (
        f"{number(items.responses)} responses to {number(items.prompts)} prompts: {_drawn(items)} "
        f"Each was meant for {study.overlap} annotators, who met them in a random order of their own."
    )
    yield ""
    yield from table(("Annotators", "Responses"), ((k, number(n)) for k, n in items.rated_by.items()))
    parts = (
        ("Language", items.languages),
        ("Category", items.categories),
        ("Complexity", items.complexities),
    )
    for name, counts in parts:
        if any(counts):
            yield ""
            rows = ((escaped(value) or "not given", number(n)) for value, n in counts.items())
            yield from table((name, "Responses"), rows)


def _drawn(items: Items) -> str:
    """How the responses came to be rated, as the end of a sentence."""
    sample = items.sample
    if sample is None:
        return "every response that was imported, without sampling."
    of = f", within strata of {listing(sample.by)}" if sample.by else ""
    more = "".join(f" {_more_often(one)}" for one in sample.oversampled)
    return (
        f"a random sample, without replacement, of the {number(sample.responses)} that were imported{of} (seed "
        f"{sample.seed}).{more} Inclusion probabilities lie between {sample.lowest:.3f} and {sample.highest:.3f}; "
        "estimates of how common something is weigh each response by the inverse of its own. Agreement and a judge's "
        "accuracy are those of the responses that were drawn."
    )


def _more_often(one: Oversampled) -> str:
    judge, key = escaped(one.judge), escaped(one.criterion)
    if one.by_doubt:
        which = f"The quarter of responses of whose verdict the judge “{judge}” was least sure"
    else:
        which = f"Responses to which the judge “{judge}” gave “{escaped(one.level)}”"
    return f"{which} ({key}) were drawn {one.factor:g} times as often."


def listing(names: Sequence[str]) -> str:
    """Names as a list in a sentence: “model, condition and category”."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def people(study: Study, facts: Facts) -> Iterator[str]:
    """Who rated and adjudicated, under which alias, and what they said of their expertise."""
    yield from ("## Who rated", "", "Expertise is in each person's own words and was not verified.", "")
    yield from table(
        ("Alias", "Role", "Stated expertise", "Responses rated", "Silent repeats", "Questions settled"),
        (
            (
                escaped(one.alias),
                f"{one.role}, ratings imported" if one.imported else one.role,
                escaped(one.expertise) or "not stated",
                number(one.rated),
                number(one.repeated),
                number(one.settled),
            )
            for one in facts.raters
        ),
    )


def preparation(facts: Facts) -> Iterator[str]:
    """How annotators did in training, and on attention items."""
    prepared = [one for one in facts.annotators if one.training or one.attention]
    if not prepared:
        yield from ("## Training and attention", "", "There were neither training nor attention items.")
        return
    yield from ("## Training and attention", "")
    yield (
        "Training items have a key and come before the first response; attention items have one too and come unseen "
        "among the responses. Neither is part of the labels or of agreement."
    )
    yield ""
    yield from table(
        ("Alias", "Training rounds", "Last round agreed with the key", "Outcome", "Attention items in full"),
        (_prepared(one) for one in prepared),
    )


def _prepared(one: Rater) -> tuple[str, ...]:
    rounds, score, outcome, attention = "0", "–", "–", "–"
    if one.training:
        rounds = number(len(one.training.rounds))
        if one.training.rounds:
            last = one.training.rounds[-1].score
            score = share(last.agreed, last.keyed)
        passed = "passed" if one.training.qualified_at else "not passed"
        outcome = "waived by the coordinator" if one.training.waived else passed
    if one.attention:
        attention = share(one.attention.agreed, one.attention.met)
    return escaped(one.alias), rounds, score, outcome, attention


def blinding(study: Study) -> Iterable[str]:
    """What annotators and adjudicators could not see."""
    return (
        "## Blinding",
        "",
        "Annotators and adjudicators were not told which system wrote a response, under which condition, or what "
        "anybody else answered. Statements by which a response names its system were hidden from them: "
        f"{number(len(listed(study.masked_words)))} listed words and phrases, and statements of identity by their "
        "form. The stored texts are unaltered.",
    )
