"""A file of verdicts before it is imported: what its columns hold, how its labels are read, what would come of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating.ratings_file import criterion_of
from ihlannotate.pipeline.importing import BATCH, Progress, silent
from ihlannotate.pipeline.judging.sorting import ImportedVerdicts, Sorter, Wrong
from ihlannotate.pipeline.judging.verdicts import VerdictFile, check_settings
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers import open_table
from ihlannotate.readers.base import ReadError
from ihlannotate.readers.rubric import CriterionSpec

# Names are compared without case, spaces and punctuation; of several columns the earlier name wins.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "match": ("externalid", "id", "itemid", "sampleid", "responseid", "uid", "uuid", "idx", "index"),
    "verdict": ("verdict", "label", "judgement", "judgment", "judge", "rating", "classification", "class"),
    "score": ("score", "probability", "confidence", "prob"),
    "rationale": ("rationale", "reason", "reasoning", "explanation", "why"),
    "text_sha256": ("textsha256", "responsesha256", "sha256", "texthash"),
}
MOST_COUNTED = 1_000  # different labels, after which others are no longer told apart


def guess_verdict_columns(columns: Sequence[str], *, criterion: str) -> dict[str, str]:
    """What a file's columns hold by their names: field of VerdictFile (or `match`) -> column, where one is recognised.

    A column that is called as the criterion holds the verdict.
    """
    names = {_plain(column): column for column in reversed(columns)}
    wanted = {**SYNONYMS, "verdict": (*SYNONYMS["verdict"], _plain(criterion))}
    return {
        field: next(names[name] for name in known if name in names)
        for field, known in wanted.items()
        if any(name in names for name in known)
    }


def columns_of(file: VerdictFile) -> tuple[str, ...]:
    """The names of the file's columns. Raises Refused where it cannot be read."""
    ratings = file.ratings
    try:
        with open_table(ratings.path, format=ratings.format, name=ratings.name) as table:
            return table.columns
    except ReadError as error:
        raise Refused(str(error)) from error


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


@dataclass(frozen=True)
class Label:
    """One of the judge's labels, in how many rows it is, and the level it would be read as ("" for none)."""

    text: str
    count: int
    level: str


def labels_of(study: Study, file: VerdictFile, *, judge: str) -> tuple[Label, ...]:
    """The labels of the whole file, those that are read as a level first, then by how frequent they are.

    A label is read as it was when this judge gave it before, else as the level that it equals but for case and
    punctuation. Of more than MOST_COUNTED different ones the first are told. Raises Refused where the file cannot be
    read or the criterion is none of the study's.
    """
    spec, _criterion = criterion_of(study, file.ratings.criterion)
    try:
        counts = _counts(file)
    except ReadError as error:
        raise Refused(str(error)) from error
    before = _before(study, judge, spec.key, list(counts))
    alike = _alike(spec)
    labels = [Label(text, n, before.get(text, alike.get(_plain(text), ""))) for text, n in counts.items()]
    return tuple(sorted(labels, key=lambda one: (not one.level, -one.count, one.text)))


def _counts(file: VerdictFile) -> Counter[str]:
    counts: Counter[str] = Counter()
    for batch in file.batches():
        for one in batch:
            if one.verdict and (one.verdict in counts or len(counts) < MOST_COUNTED):
                counts[one.verdict] += 1
    return counts


def _before(study: Study, judge: str, key: str, labels: Sequence[str]) -> dict[str, str]:
    """Label -> the level that it was read as when this judge gave it on this criterion before."""
    verdicts = Verdict.objects.filter(
        judge__study=study, judge__name=judge, criterion__key=key, raw__in=list(labels)
    )
    return dict(verdicts.order_by().values_list("raw", "value").distinct())


def _alike(spec: CriterionSpec) -> dict[str, str]:
    """Plain form of a level's value or name -> its value; values go before names."""
    names = {_plain(option.label): option.value for option in spec.options if _plain(option.label)}
    return names | {_plain(option.value): option.value for option in spec.options if _plain(option.value)}


@dataclass(frozen=True)
class CheckedVerdicts:
    """What an import would do, by the rows that were looked at: all of them unless there are `more`."""

    report: ImportedVerdicts
    wrong: Wrong
    rows: int
    more: bool

    @property
    def matched(self) -> int:
        return self.report.verdicts_new + self.report.unchanged


def check_verdicts(
    study: Study,
    file: VerdictFile,
    *,
    judge: str,
    settings: Mapping[str, str],
    rows: int | None = None,
    progress: Progress = silent,
) -> CheckedVerdicts:
    """Look at the first `rows` rows (a multiple of BATCH; None for all) as `import_verdicts` will. Nothing is saved.

    Rows of one response that contradict each other are found where they stand within BATCH rows; the import finds the
    others. Raises Refused where the file cannot be read, or the judge was stated with other settings.
    """
    spec, criterion = criterion_of(study, file.ratings.criterion)
    known = Judge.objects.filter(study=study, name=judge).first()
    if known:
        check_settings(known, settings)
    report = ImportedVerdicts(judge=judge, criterion=criterion.key)
    sorter = Sorter(study, file.ratings, spec, criterion, known, file.columns, report)
    done, more = 0, False
    try:
        batches = file.batches()
        for batch in islice(batches, None if rows is None else rows // BATCH):
            sorter.fresh(batch)
            done += len(batch)
            progress(_("Checking rows"), done, 0)
        more = rows is not None and next(batches, None) is not None
    except ReadError as error:
        raise Refused(str(error)) from error
    return CheckedVerdicts(report, sorter.wrong, done, more)
