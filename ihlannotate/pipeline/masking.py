"""Self-identification in a response is hidden from annotators; the stored text is never altered."""

import re
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


def mask(text: str, words: str) -> str:
    """The text with a study's masked words (one a line) and statements of identity replaced by a bar.

    “I was developed by X”, “I am X, an AI …” are recognised by their form, so that an unlisted name is caught too.
    """
    pattern = _pattern(words)
    if pattern:
        text = pattern.sub(MASK, text)
    text = _MADE_BY.sub(lambda found: f"{found[1]} {MASK}", text)
    return _I_AM.sub(lambda found: f"{found[1]}{MASK}", text)
