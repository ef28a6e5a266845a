"""A study's settings: which there are, their ranges, until when each may change, and changing them on the record."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from ihlannotate.models.event import record
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.refusals import Problem, Refused

LONGEST_TEXT = 200_000  # characters
LONGEST_WORD, MOST_WORDS = 200, 2000


class Settings(TypedDict, total=False):
    """The settings of a study; those that are left out keep their value, or the model's default."""

    grouped: bool
    spread: int
    repeat_percent: int
    attention_every: int
    qualification_percent: int
    blur_responses: bool
    break_minutes: int
    lease_minutes: int
    guess_items: int
    adjudicate_spread: int
    adjudicate_low_confidence: bool
    adjudicate_audit_percent: int
    weigh_by_confidence: bool
    guidelines: str
    content_notice: str
    masked_words: str


class Until(IntEnum):
    """The act in a study's life after which a setting stands."""

    OPENING = 1
    CLOSING = 2
    UNBLINDING = 3


@dataclass(frozen=True)
class Setting:
    """Until when a setting may change and, where it is a number, its least and greatest value."""

    until: Until
    low: int = 0
    high: int = 0


SETTINGS: Mapping[str, Setting] = {
    "grouped": Setting(Until.OPENING),
    "spread": Setting(Until.OPENING, 0, 1000),
    "repeat_percent": Setting(Until.CLOSING, 0, 20),
    "attention_every": Setting(Until.CLOSING, 0, 1000),
    "qualification_percent": Setting(Until.CLOSING, 0, 100),
    "blur_responses": Setting(Until.CLOSING),
    "break_minutes": Setting(Until.CLOSING, 0, 600),
    "lease_minutes": Setting(Until.CLOSING, 1, 43_200),
    "guess_items": Setting(Until.UNBLINDING, 0, 100),
    "adjudicate_spread": Setting(Until.UNBLINDING, 0, 100),
    "adjudicate_low_confidence": Setting(Until.UNBLINDING),
    "adjudicate_audit_percent": Setting(Until.UNBLINDING, 0, 100),
    "weigh_by_confidence": Setting(Until.UNBLINDING),
    "guidelines": Setting(Until.CLOSING),
    "content_notice": Setting(Until.CLOSING),
    "masked_words": Setting(Until.CLOSING),
}


def settings_of(study: Study) -> Settings:
    """All settings of a study as they stand."""
    values: Settings = {}
    for name in SETTINGS:
        values[name] = getattr(study, name)  # type: ignore[literal-required]  # the keys of SETTINGS are its keys
    return values


def may_change(study: Study, name: str) -> bool:
    """Whether a setting can still change in the state that the study is in."""
    over = {
        Until.OPENING: study.opened_at,
        Until.CLOSING: study.closed_at,
        Until.UNBLINDING: study.unblinded_at,
    }
    return over[SETTINGS[name].until] is None


def words_of(text: str) -> list[str]:
    """A list of masked words as it counts: one a line, without blank lines and repetitions, in the order given."""
    return list(dict.fromkeys(line for one in text.splitlines() if (line := " ".join(one.split()))))


def checked(changes: Settings) -> dict[str, Any]:
    """The changes as they are to be stored. Raises Refused (`column` names the setting): a value out of its range."""
    clean: dict[str, Any] = dict(changes)
    if "masked_words" in clean:
        clean["masked_words"] = "\n".join(words_of(clean["masked_words"]))
    problems = [
        Problem(wrong, column=name) for name, value in clean.items() if (wrong := _wrong(name, value))
    ]
    if problems:
        message = _("Some settings are out of their range. Nothing was changed.")
        raise Refused(message, problems=tuple(problems))
    return clean


def _wrong(name: str, value: Any) -> str:
    """What is wrong with a value; empty where nothing is."""
    setting = SETTINGS[name]
    if setting.high and not setting.low <= value <= setting.high:
        return _("Give a number from %(low)s to %(high)s.") % {"low": setting.low, "high": setting.high}
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return _("This is longer than the %(n)s characters that are kept.") % {"n": LONGEST_TEXT}
    if name == "masked_words":
        words = value.splitlines()
        if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
            return _("Give at most %(n)s words or phrases, each of at most %(length)s characters.") % {
                "n": MOST_WORDS,
                "length": LONGEST_WORD,
            }
    return ""


@transaction.atomic
def update_settings(study: Study, *, actor: User | None, **changes: Unpack[Settings]) -> tuple[str, ...]:
    """Change settings, on the record with old and new values; the names of those that were changed.

    The record holds texts as their SHA-256, and of masked words those added and removed. Raises Refused: a value out
    of its range, or (`column` names each) a setting that stands since the study was opened, closed or unblinded.
    """
    clean = checked(changes)
    Study.hold(study.pk, alone=True)
    now = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    different = {name: value for name, value in clean.items() if value != getattr(now, name)}
    fixed = [name for name in different if not may_change(now, name)]
    if fixed:
        problems = tuple(Problem(_("This can no longer be changed."), column=name) for name in fixed)
        raise Refused(
            _(
                "The study has gone on meanwhile, so not all of this can still be changed. Nothing was changed."
            ),
            problems=problems,
        )
    if not different:
        return ()
    data = {name: _change(name, getattr(now, name), value) for name, value in different.items()}
    for one in (study, now):
        for name, value in different.items():
            setattr(one, name, value)
    now.save(update_fields=list(different))
    record(now, "settings.changed", actor=actor, data=data)
    return tuple(different)


def _change(name: str, old: Any, new: Any) -> dict[str, Any]:
    if name == "masked_words":
        before, after = words_of(old), words_of(new)
        return {
            "added": [word for word in after if word not in before],
            "removed": [word for word in before if word not in after],
        }
    return {"old": _short(old), "new": _short(new)}


def _short(value: Any) -> Any:
    return hashlib.sha256(value.encode()).hexdigest() if isinstance(value, str) else value
