"""Self-identification in a response is hidden from annotators; the stored text is never altered."""

import re
from dataclasses import dataclass
from functools import lru_cache

MASK = "▮▮▮"

# Names of systems and of those who make them, which responses are known to state about themselves.
COMMON_NAMES = (
    "ChatGPT",
    "GPT-3",
    "GPT-3.5",
    "GPT-4",
    "GPT-4o",
    "GPT-5",
    "OpenAI",
    "Claude",
    "Anthropic",
    "Gemini",
    "Google DeepMind",
    "DeepMind",
    "Llama",
    "Meta AI",
    "Mistral",
    "Mistral AI",
    "Mixtral",
    "Qwen",
    "Tongyi Qianwen",
    "Alibaba Cloud",
    "DeepSeek",
    "Grok",
    "Cohere",
    "Vicuna",
)
# Only of the speaker: “a rule developed by States” is what annotators must read.
_MADE_BY = re.compile(
    r"(\b(?:I(?:\s+am|\s+was|\s+have\s+been|['’]m)|model|assistant|chatbot|AI)\b[^.!?\n]{0,80}?"
    r"\b(?:developed|created|trained|made|built|designed)\s+by)\s+"
    r"((?-i:[A-Z])[\w&-]*(?:\.\w+)*(?:\s+(?-i:[A-Z])[\w&-]*(?:\.\w+)*){0,3})",
    re.IGNORECASE,
)
_I_AM = re.compile(
    r"\b((?:I\s+am|I['’]m|my\s+name\s+is|call\s+me)\s+)((?-i:[A-Z])[a-z]*[\w-]*\d(?:[\w-]|\.\w)*|(?-i:[A-Z][a-z]{2,})(?=,?\s+(?:an?|the)\s+(?:AI|artificial|large|language|assistant|virtual|helpful)))",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def _pattern(words: str) -> re.Pattern[str] | None:
    """One pattern for a study's words, longest first, whole words only, whatever their case."""
    names = sorted({line.strip() for line in words.splitlines() if line.strip()}, key=lambda w: (-len(w), w))
    if not names:
        return None
    return re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names), re.IGNORECASE)


@dataclass(frozen=True)
class Bar:
    """One masked passage: where its bar stands in the masked text, and what it hides in the original."""

    start: int
    end: int
    original_start: int
    original_end: int


@dataclass(frozen=True)
class Masked:
    """A text as annotators see it, with the way back to the original. All offsets count code points."""

    text: str
    bars: tuple[Bar, ...]

    def original(self, offset: int, *, end: bool = False) -> int:
        """The place in the original of a place in the masked text.

        A place inside a bar is where the hidden passage begins; with `end`, where it ends.
        """
        shift = 0
        for bar in self.bars:
            if offset <= bar.start:
                break
            if offset < bar.end:
                return bar.original_end if end else bar.original_start
            shift = bar.original_end - bar.end
        return offset + shift


def masked(text: str, words: str) -> Masked:
    """The text with a study's masked words (one a line) and statements of identity replaced by a bar.

    “I was developed by X”, “I am X, an AI …” are recognised by their form, so that an unlisted name is caught too.
    """
    pieces: list[str] = []
    bars: list[Bar] = []
    done = length = 0
    for start, end in _hidden(text, words):
        pieces += [text[done:start], MASK]
        length += start - done + len(MASK)
        bars.append(Bar(length - len(MASK), length, start, end))
        done = end
    return Masked("".join([*pieces, text[done:]]), tuple(bars))


def mask(text: str, words: str) -> str:
    """The text of `masked` alone."""
    return masked(text, words).text


def _hidden(text: str, words: str) -> list[tuple[int, int]]:
    """The passages to hide, in order, those that overlap as one."""
    pattern = _pattern(words)
    found = [match.span() for match in pattern.finditer(text)] if pattern else []
    found += [match.span(2) for form in (_MADE_BY, _I_AM) for match in form.finditer(text)]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
