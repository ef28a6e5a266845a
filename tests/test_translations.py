"""The French catalogue is complete, sound and compiled: a string that was added or changed without it fails here."""

import gettext
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import override

from tests.pseudo_locale import Entry, entries

ROOT = settings.BASE_DIR
CATALOGUE = ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"
PLACEHOLDERS = re.compile(r"%\([a-z_0-9]+\)[sd]|%%|\{[a-z]+\}|<[^>]+>|`[^`]+`")
# A plain space before a double sign or inside guillemets, or no space at all; a straight apostrophe.
LOOSE = re.compile(
    r" [;?!»]| :(\s|$)|« |[\ds)] %(%|$)|\w'\w|[^\s\u00a0\u202f…][;?!](\s|$)|[^\s\u00a0\d]:(\s|$)|\u00a0[;?!]"
)
CODE = re.compile(r"«\u00a0[^»]*\u00a0»|\{[^}]*\}|kind: \w+")


@pytest.fixture(scope="module")
def catalogue() -> list[Entry]:
    return entries(CATALOGUE)


@pytest.fixture
def gettext_tools() -> None:
    if shutil.which("xgettext") and shutil.which("msgfmt"):
        return
    message = "GNU gettext is missing (apt-get install gettext): nobody knows whether the French catalogue is complete."
    (pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip)(message)


def test_every_string_of_the_pages_is_in_the_french_catalogue(
    gettext_tools: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("ihlannotate", "templates", "locale"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    call_command("makemessages", locale=["fr"], verbosity=0)
    found = entries(tmp_path / "locale" / "fr" / "LC_MESSAGES" / "django.po")
    wanting = [one.msgid for one in found if one.fuzzy or not all(one.strings)]
    assert wanting == [], "run `make messages` and translate these in locale/fr/LC_MESSAGES/django.po"
    known = {(one.context, one.msgid) for one in entries(CATALOGUE)}
    assert {(one.context, one.msgid) for one in found} <= known


def test_nothing_in_the_catalogue_is_unfinished(catalogue: list[Entry]) -> None:
    assert [one.msgid for one in catalogue if one.fuzzy or not all(one.strings)] == []


def test_a_translation_has_the_placeholders_of_its_original(catalogue: list[Entry]) -> None:
    def holes(text: str) -> Counter[str]:
        return Counter(PLACEHOLDERS.findall(text))

    wrong = []
    for one in catalogue:
        originals = [one.msgid] if one.plural is None else [one.msgid, one.plural]
        for original, string in zip(originals, one.strings, strict=True):
            # A sentence may name a thing twice in one language and once in the other, but never another thing.
            if set(holes(original)) != set(holes(string)):
                wrong.append((original, string))
    assert wrong == []


def test_a_translation_begins_and_ends_as_its_original_does(catalogue: list[Entry]) -> None:
    def edges(text: str) -> tuple[str, str]:
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    assert [one.msgid for one in catalogue if edges(one.msgid) != edges(one.strings[0])] == []


def test_french_spaces_stand_before_double_signs_and_inside_guillemets(catalogue: list[Entry]) -> None:
    loose = [string for one in catalogue for string in one.strings if LOOSE.search(CODE.sub("x", string))]
    assert loose == []


def test_the_compiled_catalogue_says_what_its_source_says(catalogue: list[Entry]) -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    stale = [
        one.msgid
        for one in catalogue
        if (compiled.pgettext(one.context, one.msgid) if one.context else compiled.gettext(one.msgid))
        != one.strings[0]
    ]
    assert stale == [], "run `make messages`"
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        assert len(gettext.GNUTranslations(file)._catalog) == 1 + sum(len(one.strings) for one in catalogue)  # type: ignore[attr-defined]  # what the file holds


def test_gettext_itself_finds_no_fault(gettext_tools: None) -> None:
    checked = subprocess.run(
        ["msgfmt", "--check", "--output-file", os.devnull, str(CATALOGUE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    with override("fr"):
        assert str(settings.LANGUAGES[1][1]) == "Français"
