"""Aggregation -> GoldRelease: a numbered snapshot of gold labels that nothing changes afterwards.

`settling` says what stands for each response, `fitting` what the model of annotators' errors makes of it (weighed by
`confidence` where the study wants that), `datasheet` writes the whole down from the `facts` with its `limits`, and
`snapshot` freezes it. `differing` holds a release against an earlier one; `not_asked` reads from one where a question
does not apply.
"""

from ihlannotate.pipeline.releasing.datasheet import document
from ihlannotate.pipeline.releasing.differing import Change, Why, changes
from ihlannotate.pipeline.releasing.fitting import STARTS, Errors, Fit, Start
from ihlannotate.pipeline.releasing.not_asked import inapplicable_responses
from ihlannotate.pipeline.releasing.settling import TIERS, Label, Settled, shown_tiers, standing
from ihlannotate.pipeline.releasing.snapshot import (
    METHOD,
    AuditHead,
    Released,
    audit_head,
    check_releasable,
    latest_release,
    release_gold,
)

__all__ = [
    "METHOD",
    "STARTS",
    "TIERS",
    "AuditHead",
    "Change",
    "Errors",
    "Fit",
    "Label",
    "Released",
    "Settled",
    "Start",
    "Why",
    "audit_head",
    "changes",
    "check_releasable",
    "document",
    "inapplicable_responses",
    "latest_release",
    "release_gold",
    "shown_tiers",
    "standing",
]
