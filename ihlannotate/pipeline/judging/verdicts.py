"""Verdicts of automated judges, from a file or the API. Those that cannot be parsed are kept with their text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ihlannotate.models.event import record
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.annotating.ratings_file import RatingsFile, criterion_of
from ihlannotate.pipeline.importing import BATCH, file_sha256
from ihlannotate.pipeline.judging.sorting import ImportedVerdicts, Sorter, Wrong
from ihlannotate.pipeline.judging.verdict_rows import Columns, Said
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.base import ReadError, Row
from ihlannotate.readers.rubric import CriterionSpec


@dataclass(frozen=True)
class VerdictFile:
    """A file of verdicts: like one of ratings, with the judge's columns."""

    ratings: RatingsFile
    verdict: str
    score: str = ""
    rationale: str = ""
    text_sha256: str = ""
    is_probability: bool = False  # the score is one, and lies between 0 and 1

    def batches(self) -> Iterator[list[Said]]:
        """What the rows say, a batch at a time. Raises ReadError."""
        named = (self.verdict, self.score, self.rationale, self.text_sha256)
        for rows in self.ratings.batches([column for column in named if column]):
            yield [_said(row, self) for row in rows]

    @property
    def columns(self) -> Columns:
        """Where its problems are."""
        return Columns(self.verdict, self.score, self.text_sha256, self.is_probability)


def import_verdicts(
    study: Study,
    file: VerdictFile,
    *,
    judge: str,
    settings: Mapping[str, str] | None = None,
    actor: User | None,
) -> ImportedVerdicts:
    """Import a judge's verdicts on one criterion from a file. All of it or nothing; the same again changes nothing.

    `settings` is what its owner states of the judge (model, version, prompt hash). Raises Refused with rows and
    columns: unknown ids, a score that is no number or no probability, a text that is not the one that was judged,
    another verdict already there; and where other settings are there.
    """
    try:
        with transaction.atomic():
            return _import(
                study,
                file.batches(),
                file=file.ratings,
                judge=judge,
                actor=actor,
                settings=settings or {},
                data={"sha256": file_sha256(file.ratings.path)},
                columns=file.columns,
            )
    except ReadError as error:
        raise Refused(str(error)) from error


def save_verdicts(
    study: Study,
    said: Sequence[Said],
    *,
    judge: str,
    criterion: str,
    model: str = "",
    values: dict[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    is_probability: bool = False,
    actor: User | None,
) -> ImportedVerdicts:
    """The same for verdicts that came through the API; rows are counted from 1."""
    file = RatingsFile(
        path=Path(),
        name="verdicts",
        criterion=criterion,
        match="external_id",
        model=model,
        values=values or {},
    )
    batches = (list(said[start : start + BATCH]) for start in range(0, len(said), BATCH))
    with transaction.atomic():
        return _import(
            study,
            batches,
            file=file,
            judge=judge,
            actor=actor,
            settings=settings or {},
            data={},
            columns=Columns(is_probability=is_probability),
        )


def _said(row: Row, file: VerdictFile) -> Said:
    return Said(
        row=row.number,
        external_id=row.cells[file.ratings.match].strip(),
        verdict=row.cells[file.verdict].strip(),
        score=row.cells[file.score].strip() if file.score else "",
        rationale=row.cells[file.rationale] if file.rationale else "",
        text_sha256=row.cells[file.text_sha256].strip() if file.text_sha256 else "",
    )


def _import(
    study: Study,
    batches: Iterable[list[Said]],
    *,
    file: RatingsFile,
    judge: str,
    actor: User | None,
    settings: Mapping[str, str],
    data: dict[str, str],
    columns: Columns,
) -> ImportedVerdicts:
    if not judge.strip() or len(judge) > 200:
        raise Refused(_("Name the judge, in at most 200 characters."))
    study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)  # one import at a time
    spec, criterion = criterion_of(study, file.criterion)
    check_values(spec, file.values)
    report = ImportedVerdicts(judge=judge, criterion=criterion.key)
    sorter = Sorter(study, file, spec, criterion, _judge(study, judge, settings), columns, report)
    for batch in batches:
        fresh = sorter.fresh(batch)
        if not sorter.wrong.in_all:
            Verdict.objects.bulk_create(fresh)
    if sorter.wrong.in_all:
        raise Refused(_what_is_wrong(file.name, sorter.wrong), problems=tuple(sorter.wrong.problems))
    if report.verdicts_new:
        record(
            study,
            "verdicts.imported",
            actor=actor,
            data={
                **data,
                "judge": judge,
                "criterion": criterion.key,
                "verdicts": report.verdicts_new,
                "mapping": report.mapping,
            },
        )
    return report


def check_values(spec: CriterionSpec, values: Mapping[str, str]) -> None:
    """Raises Refused where the criterion has no levels to give, or a label is to be read as none that it has.

    A label that is read as nothing ("") is kept as unparsed.
    """
    levels = [option.value for option in spec.options]
    if not levels:
        raise Refused(
            _("“%(key)s” is no question with levels, so a judge can’t give one. Name another.")
            % {"key": spec.key}
        )
    for theirs, ours in values.items():
        if ours and ours not in levels:
            raise Refused(
                _("“%(theirs)s” can’t be read as “%(ours)s”: the levels of “%(key)s” are %(levels)s.")
                % {
                    "theirs": theirs[:80],
                    "ours": ours[:80],
                    "key": spec.key,
                    "levels": ", ".join(levels[:12]),
                }
            )


def _judge(study: Study, name: str, settings: Mapping[str, str]) -> Judge:
    """The judge of this name, made if need be; settings are stated once, since others make another judge."""
    known, _made = Judge.objects.get_or_create(study=study, name=name, defaults={"settings": dict(settings)})
    check_settings(known, settings)
    if settings and not known.settings:
        known.settings = dict(settings)
        known.save(update_fields=["settings"])
    return known


def check_settings(known: Judge, settings: Mapping[str, str]) -> None:
    """Raises Refused where other settings were stated of the judge before."""
    if settings and known.settings and known.settings != settings:
        raise Refused(
            _(
                "Judge “%(judge)s” was stated with other settings (%(settings)s). Give a new version a new name."
            )
            % {
                "judge": known.name,
                "settings": ", ".join(f"{key}={value}" for key, value in known.settings.items()),
            }
        )


def _what_is_wrong(name: str, wrong: Wrong) -> str:
    said = [_("%(name)s: no verdict was imported.") % {"name": name}]
    if wrong.unmatched:
        said.append(
            ngettext(
                "%(n)d row has an id that no response bears.",
                "%(n)d rows have an id that no response bears.",
                wrong.unmatched,
            )
            % {"n": wrong.unmatched}
        )
    if wrong.in_all > len(wrong.problems):
        said.append(
            _("There are %(n)d problems in all; the first %(shown)d are listed.")
            % {"n": wrong.in_all, "shown": len(wrong.problems)}
        )
    return " ".join([*said, _("Mend these and import again:")])
