"""Files to download: tables of figures as CSV, plots as SVG."""

import csv
from collections.abc import Iterable

from django.http import HttpResponse

from ihlannotate.pipeline.reporting.plots import Plot
from ihlannotate.writers.formulas import escape_formula


def csv_file(name: str, header: Iterable[str], rows: Iterable[Iterable[object]]) -> HttpResponse:
    """Rows under their header, as a CSV file of this name; no text of theirs is a formula."""
    response = _file(name, "text/csv")
    out = csv.writer(response, quoting=csv.QUOTE_NONNUMERIC)  # also read by programs that split at semicolons
    out.writerow(header)
    out.writerows([escape_formula(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return response


def svg_file(name: str, plot: Plot) -> HttpResponse:
    """A plot that needs no other file, as an SVG file of this name."""
    response = _file(name, "image/svg+xml")
    response.write(plot.standalone)
    return response


def _file(name: str, kind: str) -> HttpResponse:
    return HttpResponse(
        content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
