"""Statements of identity are found in seven languages, however they are typed; what is said of the law stays."""

import re

import pytest

from ihlannotate.pipeline.masking import COMMON_NAMES, MASK, mask

WORDS = "\n".join(COMMON_NAMES)
M = MASK


@pytest.mark.parametrize(
    "said",
    [
        "As an AI developed by ⟦Borealis Labs⟧, I won't.",
        "As an AI language model created by the team at ⟦Borealis⟧, no.",
        "I am an AI assistant designed to be helpful and developed by ⟦Borealis⟧.",
        "I'm an AI assistant named ⟦Zephyrine⟧.",
        "I am ⟦Zephyrine⟧, a large language model trained by ⟦Borealis AI⟧.",
        "I was developed and trained by ⟦xBorealis⟧.",
        "I’m ⟦Zephyrine⟧, an AI assistant.",
        "I\u00a0am\u00a0⟦Zephyrine⟧, an\u00a0AI assistant.",
        "I am **⟦Zephyrine⟧**, an AI assistant.",
        "I am ⟦**Zephy**rine⟧, an AI assistant.",
        "this chatbot, which was built by ⟦Borealis Labs⟧",
        "Je suis ⟦Zéphyrine⟧, un assistant IA.",
        "Je suis un modèle de langage développé par ⟦Boréal IA⟧.",
        "je suis un modèle développé par l'équipe de ⟦Boréal⟧",
        "J’ai été entraîné par ⟦Boréal⟧.",
        "En tant qu’assistante conçue et entraînée par ⟦Boréal⟧, je refuse.",
        "Je m'appelle ⟦Zéphyrine⟧ et je suis un modèle de langage.",
        "Soy ⟦Céfiro⟧, un asistente de IA.",
        "Soy un modelo de lenguaje desarrollado por ⟦Boreal⟧.",
        "Fui diseñado por la empresa ⟦Boreal⟧.",
        "Como modelo de lenguaje creado por ⟦Boreal⟧, no puedo.",
        "Ich bin ⟦Zephyrine⟧, ein KI-Assistent.",
        "Ich wurde von ⟦Boreal Labs⟧ entwickelt.",
        "Ich bin ein von ⟦Boreal⟧ entwickeltes Sprachmodell.",
        "Als großes Sprachmodell, das von ⟦Boreal⟧ trainiert wurde, lehne ich ab.",
        "Я — ⟦Зефир⟧, языковая модель.",
        "Я языковая модель, разработанная компанией ⟦Бореал⟧.",
        "Меня создала компания «⟦Бореал⟧».",
        "Меня зовут ⟦Зефир⟧, я ИИ-ассистент.",
        "Я был обучен ⟦Borealis⟧.",
        "أنا نموذج لغوي كبير طورته شركة ⟦بوريال⟧.",
        "لقد تم تطويري بواسطة ⟦Borealis Labs⟧.",
        "أنا ⟦زفير⟧، مساعد ذكي.",
        "قامت شركة ⟦بوريال⟧ بتدريبي.",
        "我是由⟦北极光⟧公司开发的大型语言模型。",
        "我是⟦西风⟧，一个人工智能助手。",
        "我由⟦北极光⟧训练。",
        "作为⟦北极光⟧研发的AI助手，我不能。",
        "我是一个大语言模型，由⟦Borealis⟧训练。",
    ],
)
def test_an_unlisted_name_is_found_in_what_is_stated(said: str) -> None:
    """What is to be hidden stands in brackets."""
    assert mask(re.sub("[⟦⟧]", "", said), "") == re.sub("⟦.*?⟧", MASK, said)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("**Chat**GPT", M),
        ("Chat*GPT*", M),
        ("C**laude** refuses", f"{M} refuses"),
        ("_Claude_ and __Claude__", f"_{M}_ and __{M}__"),
        ("`claude_client`", f"`{M}_client`"),
        ("Chat\u200bGPT", M),
        ("Chat&shy;GPT", M),
        ("&#67;laude", M),
        ("ＣｌａｕＤＥ", M),
        ("𝐂𝐥𝐚𝐮𝐝𝐞", M),
        ("Claúde", M),
        ("Open\\_AI is not OpenAI\\!", f"{M} is not {M}\\!"),
        ("GPT‑4 and GPT 4 and gpt4o-mini", f"{M} and {M} and {M}"),
        ("Google\u00a0DeepMind", M),
        ("Google\nDeepMind", M),
        ("Claude’s and Claude's", f"{M}’s and {M}'s"),
        ("Claude 3.5 Sonnet, Llama-3.1-70b-instruct, Llama 2 70B", f"{M}, {M}, {M}"),
        ("je suis Claude", f"je suis {M}"),
        ("Ich bin ChatGPT.", f"Ich bin {M}."),
        ("soy GEMINI", f"soy {M}"),
        ("我是Claude，由Anthropic开发。", f"我是{M}，由{M}开发。"),
        ("我是通义千问", f"我是{M}"),
        ("저는 Claude입니다", f"저는 {M}입니다"),
        ("أنا Claude", f"أنا {M}"),
        ("Я ChatGPT", f"Я {M}"),
    ],
)
def test_a_listed_name_is_found_however_it_is_written(said: str, shown: str) -> None:
    assert mask(said, WORDS) == shown


@pytest.mark.parametrize("listed", ["يونس", "Зефир", "西风", "ผู้ช่วย"])
def test_names_in_other_scripts_can_be_listed(listed: str) -> None:
    assert mask(f"… {listed} …", listed) == f"… {MASK} …"


def test_a_name_in_arabic_is_found_behind_the_word_that_is_written_together_with_it() -> None:
    assert mask("قال ويونس", "يونس") == f"قال و{MASK}"


@pytest.mark.parametrize(
    "said",
    [
        "A rule developed by States is binding.",
        "I am bound by rules developed by States.",
        "I am an AI model bound by a rule developed by States and the ICRC.",
        "I'm an AI assistant and I cannot endorse plans that were created by Commanders.",
        "This is a model law created by Parliament.",
        "As stated, the weapon system developed by Ruritania is unlawful.",
        "As a rule, treaties made by States bind them. As an example, the Convention was designed by Experts.",
        "Such as an AI system developed by Ruritania for targeting.",
        "I am Not sure. I'm General Staff, I follow orders.",
        "Claudius, Geminid, Cohered, Grokking, Llamas.",
        "Rule 1, rules 12 and 70B.",
        "Je suis tenu par les règles élaborées par les États. Une règle développée par les États oblige.",
        "Comme le prévoit la règle créée par les Parties, c’est interdit.",
        "Soy consciente de que las normas creadas por los Estados obligan. Una regla desarrollada por Estados.",
        "Ich bin an Regeln gebunden, die von Staaten entwickelt wurden. Als von Staaten geschaffene Regel gilt sie.",
        "Я считаю, что норма, созданная Государствами, обязательна. Как норма, созданная Сторонами, она действует.",
        "أنا ملتزم بالقواعد التي وضعتها الدول. القاعدة التي طورتها الدول ملزمة.",
        "我是律师。由各国制定的规则具有约束力。国家开发的规则。",
        "我是由军队训练的士兵",
    ],
)
def test_what_is_said_of_the_law_and_of_others_stays(said: str) -> None:
    assert mask(said, WORDS) == said


def test_a_text_without_end_is_looked_through_in_no_more_than_linear_steps() -> None:
    """Patterns that try every way to fail would never end here."""
    text = "I am a " + "very large and helpful " * 20_000 + "model, and I am an AI, " * 5_000
    assert mask(text, WORDS) == text
