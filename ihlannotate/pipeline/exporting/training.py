"""Rows for training and testing a judge: what was asked and answered, the gold level, and the split it belongs to."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice

from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.study import Study
from ihlannotate.pipeline.exporting.gold_tables import TIER
from ihlannotate.pipeline.exporting.origins import BATCH, CODE, Origins, origins_of
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.stats.sampling import split_of
from ihlannotate.writers import Column, Sheet
from ihlannotate.writers.base import Cell


def training(study: Study) -> Sheet:
    """One row for each gold label of the newest release; `gold` is empty where none stands, as `tier` says."""
    origins = origins_of(study)
    columns = (
        CODE,
        *origins.shown(),
        Column("criterion", width=16, help="Key of the criterion in the rubric."),
        Column("prompt", width=50, help="What the system was asked."),
        Column("response_text", width=70, help="What the system answered, unmasked."),
        Column(
            "gold",
            width=16,
            help="The gold level; empty where contested, where reasonable lawyers differ or where the question does "
            "not apply.",
        ),
        Column("posterior", "number", help="Probability of the gold level under Dawid and Skene's model."),
        Column("posteriors", width=40, help="Probability of each level, as JSON."),
        TIER,
        Column("n", "integer", help="How many annotators answered."),
        Column(
            "split",
            width=12,
            help="train, validation or test (80, 10 and 10% of prompts), drawn by prompt with the study's seed: "
            "no prompt is in two of them.",
        ),
    )
    return Sheet("training", columns, _rows(study, origins))


def _rows(study: Study, origins: Origins) -> Iterator[Sequence[Cell]]:
    labels = (
        GoldLabel.objects.filter(release=latest_release(study))
        .order_by("criterion__position", "response__code")
        .values_list(
            "response_id",
            "response__code",
            "criterion__key",
            "response__prompt__text",
            "response__prompt__text_sha256",
            "response__text",
            "value",
            "posterior",
            "tier",
            "n",
        )
    )
    stream = labels.iterator(chunk_size=BATCH)
    while batch := list(islice(stream, BATCH)):
        known = origins.of([row[0] for row in batch])
        for response, code, key, prompt, digest, text, value, posterior, tier, n in batch:
            yield (
                code,
                *known.get(response, ()),
                key,
                prompt,
                text,
                value,
                posterior.get(value),
                json.dumps(posterior, ensure_ascii=False),
                tier,
                n,
                split_of(digest, seed=study.seed),
            )
