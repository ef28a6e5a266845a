"""Contested items -> settled ones, blind on both sides. An adjudication decides, and never enters agreement.

`applying` says which questions do not apply, `rule` what is contested and why, `opinions` keeps what an adjudicator
thinks before seeing any answer, `items` what they may see of an item when, `settling` the outcome; `outcomes` is what
coordinators read of it.
"""

from ihlannotate.pipeline.adjudicating.applying import ruled_out
from ihlannotate.pipeline.adjudicating.importing_adjudications import (
    ImportedAdjudications,
    import_adjudications,
)
from ihlannotate.pipeline.adjudicating.items import Opened, Seen, Unseen, item_for
from ihlannotate.pipeline.adjudicating.opinions import differing, give_opinion
from ihlannotate.pipeline.adjudicating.outcomes import ChangesOfMind, changes_of_mind
from ihlannotate.pipeline.adjudicating.rule import Contested, Reason, contested
from ihlannotate.pipeline.adjudicating.settling import settle

__all__ = [
    "ChangesOfMind",
    "Contested",
    "ImportedAdjudications",
    "Opened",
    "Reason",
    "Seen",
    "Unseen",
    "changes_of_mind",
    "contested",
    "differing",
    "give_opinion",
    "import_adjudications",
    "item_for",
    "ruled_out",
    "settle",
]
