"""A study's tables for the writers (`annotation_tables`, `gold_tables`), and the files and manifest made of them."""

from ihlannotate.pipeline.exporting.files import FORMATS, WHAT, Exported, export, stream_annotations

__all__ = ["FORMATS", "WHAT", "Exported", "export", "stream_annotations"]
