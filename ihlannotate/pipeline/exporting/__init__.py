"""A study's tables for the writers (`annotation_tables`, `gold_tables` …), and the files and manifest made of them.

`bundle` is a whole study with its gold as one file, which `reading_back` makes into a study again. `inspect_gold` puts
gold into a log of Inspect that was imported.
"""

from ihlannotate.pipeline.exporting.files import FORMATS, WHAT, Exported, export, stream_annotations
from ihlannotate.pipeline.exporting.inspect_gold import export_inspect
from ihlannotate.pipeline.exporting.reading_back import ReadBack, import_bundle

__all__ = [
    "FORMATS",
    "WHAT",
    "Exported",
    "ReadBack",
    "export",
    "export_inspect",
    "import_bundle",
    "stream_annotations",
]
