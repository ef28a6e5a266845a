"""Benchmarks: speed and memory on SQLite and PostgreSQL, as ratios measured in one run. `make bench`."""
