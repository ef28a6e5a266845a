"""Entry of a child process: set Django up, call one function of bench.inside, print what it found as JSON."""

import importlib
import json
import resource
import sys

import django

MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def main(function: str, arguments: str) -> None:
    """Call `module:name` of bench.inside with keyword arguments from a JSON object."""
    django.setup()
    module, _, name = function.partition(":")
    figures = getattr(importlib.import_module(f"bench.inside.{module}"), name)(**json.loads(arguments))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MAXRSS_UNIT
    print(json.dumps({"figures": figures, "peak": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
