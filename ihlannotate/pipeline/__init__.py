"""Verbs, in the order in which data flows. Each is the only writer of the tables it owns."""
