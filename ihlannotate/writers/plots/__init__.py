"""Plots as SVG, drawn by matplotlib: the same drawing for a page, a report and a download.

`shapes` says what is drawn and what comes out of it; `forests`, `dumbbells`, `grids` and `curves` draw; `canvas` is
what they draw on, `marking` makes clean SVG of it, `palette` names its colours. Only `shapes` costs nothing to import.
"""
