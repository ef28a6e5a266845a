"""Commands; their names and options are stable."""
