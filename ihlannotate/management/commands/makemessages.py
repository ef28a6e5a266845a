"""Django's makemessages for this project: it knows `Phrase`, leaves out what no reader sees, and never guesses."""

from typing import Any

from django.core.management.commands import makemessages

UNSEEN = (".*", "bench", "docs", "shared", "static", "tests", "var")


class Command(makemessages.Command):
    """The strings of the pages into the catalogues; `make messages` compiles them too."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=Phrase"]
    # A guessed translation looks finished and is not.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def handle(self, *args: Any, **options: Any) -> None:
        options["ignore_patterns"] = [*options["ignore_patterns"], *UNSEEN]
        options["add_location"] = "file"
        options["no_obsolete"] = True
        super().handle(*args, **options)
