"""The words of a study's list in a text: names of systems and of those who make them, however they are written."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ihlannotate.pipeline.masking.folding import fold

# Which responses are known to state about themselves.
COMMON_NAMES = (
    "ChatGPT",
    "Chat GPT",
    "GPT",
    "GPT-3",
    "GPT-3.5",
    "GPT-4",
    "GPT-4o",
    "GPT-5",
    "OpenAI",
    "Claude",
    "Anthropic",
    "Gemini",
    "Gemma",
    "Google Bard",
    "Google AI",
    "Google DeepMind",
    "DeepMind",
    "Llama",
    "Meta AI",
    "Mistral",
    "Mistral AI",
    "Mixtral",
    "Microsoft Copilot",
    "Qwen",
    "Tongyi Qianwen",
    "Alibaba Cloud",
    "DeepSeek",
    "Grok",
    "xAI",
    "Cohere",
    "Vicuna",
    "ChatGLM",
    "Zhipu AI",
    "Kimi",
    "Moonshot AI",
    "ERNIE Bot",
    "YandexGPT",
    "GigaChat",
    "通义千问",
    "阿里云",
    "深度求索",
    "文心一言",
    "智谱",
    "月之暗面",
)
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_ARABIC = re.compile("[\u0621-\u064a]")
_SIZES = "mini nano turbo pro flash opus sonnet haiku ultra instruct chat large medium small lite max plus"
# “-3.1-70b”, “ 3.5”, “ 70B”, “ 3”; “-mini”, “ Sonnet”
_VERSION = (
    r"-?\d[0-9A-Za-z]*(?:[.-][0-9A-Za-z]+)*"
    r"|[ ]v?\d+(?:\.\d+)+|[ ]\d{1,3}[bB](?![0-9A-Za-z])|[ ]\d(?![0-9A-Za-z]|[.,]\d)"
    rf"|-(?:{'|'.join(_SIZES.split())})(?![0-9A-Za-z])"
    rf"|[ ](?-i:{'|'.join(_SIZES.title().split())})(?![0-9A-Za-z])"
)


@dataclass(frozen=True)
class Named:
    """Where a listed word stands in a text (with the version after it), and which one it is."""

    start: int
    end: int
    word: str


@dataclass(frozen=True)
class _List:
    """A study's words: folded -> as listed; the same by what is left without spaces, hyphens and case."""

    plain: Mapping[str, str]
    by_key: Mapping[str, str]


def named(text: str, words: str) -> Iterator[Named]:
    """Every listed word in a (folded) text: whole words, whatever their case and how their parts are joined."""
    known = _read(words)
    lower = text.casefold()
    present = tuple(name for name in known.plain if _first_part(name) in lower)
    if present:
        for match in _pattern(present).finditer(text):
            yield Named(*match.span(), known.by_key[_key(match.group("name"))])


def listed(words: str) -> list[str]:
    """The words of a list, as they are listed, each that can be found once."""
    return list(_read(words).by_key.values())


@lru_cache(maxsize=64)
def _read(words: str) -> _List:
    lines = [" ".join(line.split()) for line in words.splitlines()]
    plain = {name: line for line in reversed(lines) if _key(name := fold(line).text.strip())}
    plain = dict(reversed(plain.items()))
    by_key = {_key(name): line for name, line in reversed(plain.items())}
    return _List(plain, dict(reversed(by_key.items())))


@lru_cache(maxsize=2048)
def _first_part(name: str) -> str:
    return re.split(r"[\s-]+", name)[0].casefold()


@lru_cache(maxsize=2048)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for these names, longest first: the few that a text can hold at all."""
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    whole = "|".join(f"{_before(name)}{_joined(name)}{_after(name)}" for name in longest_first)
    return re.compile(rf"(?P<name>{whole})(?:(?<=[0-9A-Za-z])(?:{_VERSION}){{1,4}})?", re.IGNORECASE)


def _key(name: str) -> str:
    return re.sub(r"[\s-]+", "", name).casefold()


def _joined(name: str) -> str:
    """The parts of a name: together, or with a space, a hyphen or the end of a line between them."""
    return r"[\s-]{0,2}".join(map(re.escape, re.split(r"[\s-]+", name)))


def _before(name: str) -> str:
    """What must not come before: a letter that would make it another word. Scripts without spaces have no such."""
    if name[0].isascii():
        return "(?<![0-9A-Za-z])" if name[0].isalnum() else ""
    if _ARABIC.match(name[0]):
        return r"(?:(?<![^\W_])|(?<=\b[وفبكل]))"  # “and”, “so”, “by”, “as”, “to” are written together with it
    return "" if _UNSPACED.match(name[0]) else r"(?<![^\W_])"


def _after(name: str) -> str:
    """What must not come after. A digit may: it begins a version."""
    if name[-1].isascii():
        letters = "0-9A-Za-z" if name[-1].isdigit() else "A-Za-z"
        return f"(?![{letters}])" if name[-1].isalnum() else ""
    return "" if _UNSPACED.match(name[-1]) else r"(?![^\W_])"
