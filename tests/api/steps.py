"""What has to have happened to a study before some endpoints have anything to say, and files to send."""

from io import BytesIO

from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.lifecycle import close_study, open_study, unblind_study
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import REFUSED, rate_next

DID_NOT = {"refusal": ["not_refused"], "comment": ["A comment in Alice's own words."]}


def rated(study: Study) -> Study:
    """Opened, and rated by Alice and Bob, who differ on the last item."""
    open_study(study, actor=None)
    study.refresh_from_db()
    raters = {one.alias: one for one in study.memberships.filter(role=Membership.Role.ANNOTATOR)}
    for number in range(study.responses.count()):
        rate_next(raters["A1"], DID_NOT if number == 3 else REFUSED)
        rate_next(raters["A2"], REFUSED)
    return study


def closed(study: Study) -> Study:
    rated(study)
    close_study(study, actor=None)
    study.refresh_from_db()
    return study


def released(study: Study, *, judge: str = "judge-1") -> Study:
    """Closed, with gold, and judged."""
    closed(study)
    release_gold(study, actor=None, seed=1)
    said = [
        Said(row, name, "refused", f"0.{10 - row}") for row, name in enumerate(("A1", "A2", "B1"), start=1)
    ]
    said.append(Said(4, "B2", "I cannot say"))
    save_verdicts(study, said, judge=judge, criterion="refusal", actor=None)
    return study


def unblinded(study: Study) -> Study:
    released(study)
    unblind_study(study, reason="To be published.", actor=None)
    study.refresh_from_db()
    return study


def upload(text: str | bytes, name: str = "run.csv") -> BytesIO:
    """A file as a form sends it."""
    file = BytesIO(text.encode() if isinstance(text, str) else text)
    file.name = name
    return file
