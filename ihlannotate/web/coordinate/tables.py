"""Tables of results as files: CSV in full precision and LaTeX, by the names that pages link to."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ihlannotate.models.judge import Judge
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import agreement, levelled_criteria
from ihlannotate.pipeline.findings import findings
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.judging import validate_judge
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.pipeline.reporting.agreement_tables import agreement_tables
from ihlannotate.pipeline.reporting.findings_tables import findings_tables
from ihlannotate.pipeline.reporting.judge_tables import judge_tables
from ihlannotate.pipeline.reporting.release_tables import release_tables
from ihlannotate.web.access import coordinator_in, signed_in
from ihlannotate.web.coordinate.findings import sealed
from ihlannotate.web.coordinate.judge_scores import TABLES_OF_SCORES, tables_of_scores
from ihlannotate.web.coordinate.releases import release_in
from ihlannotate.writers.latex import table_latex
from ihlannotate.writers.tables import Table, table_csv

LONGEST_NUMBER = 9  # digits of a judge or release that anybody can mean
WRITERS: dict[str, tuple[Callable[[Table], str], str]] = {
    "csv": (table_csv, "text/csv"),
    "tex": (table_latex, "application/x-tex"),
}


@require_safe
@signed_in
def table(request: HttpRequest, slug: str, table: str, format: str) -> HttpResponse:
    """One table by its name, as `csv` or `tex`; its page's query (`?judge=`, `?release=`, `?level=`) holds for it."""
    study = coordinator_in(request, slug)
    if format not in WRITERS:
        raise Http404
    kind = table.partition("-")[0]
    if kind == "findings" and not study.is_unblinded:
        return sealed(request, study, status=409)
    try:
        found = {one.name: one for one in _tables(request, study, kind, table)}
    except Refused as refusal:
        raise Http404(refusal.message) from refusal
    if table not in found:
        raise Http404
    write, content_type = WRITERS[format]
    return HttpResponse(
        write(found[table]),
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{study.slug}-{table}.{format}"'},
    )


def _tables(request: HttpRequest, study: Study, kind: str, name: str) -> tuple[Table, ...]:
    """The tables among which one of this kind and name is. No more is measured than its page measures."""
    specs = {one.key: one for one in spec_of(study.rubric).criteria}
    which, key, part = (name.split("-", 3)[1:] + [""] * 3)[:3]
    if kind == "agreement":
        report = agreement(study, keys=[which]) if which else agreement(study, detail=False)
        return agreement_tables(report, specs)
    if kind == "gold":
        number = request.GET.get("release", "")
        release = release_in(study, int(number)) if _small(number) else latest_release(study)
        return release_tables(release, levelled_criteria(study)) if release else ()
    if kind == "judge" and part in TABLES_OF_SCORES:
        return tables_of_scores(request, study, int(which), key) if _small(which) else ()
    if kind == "judge":
        judge = Judge.objects.filter(study=study, pk=which).first() if _small(which) else None
        return judge_tables(validate_judge(study, judge.name), specs, number=judge.pk) if judge else ()
    if kind == "findings":
        return findings_tables(findings(study, judge=request.GET.get("judge", "")), specs)
    return ()


def _small(number: str) -> bool:
    return number.isdecimal() and len(number) <= LONGEST_NUMBER
