"""Statements of identity by their form, in seven languages: “I was developed by X”, “I am X, an AI …”.

They catch names that no list holds. All patterns are for folded text (plain apostrophes, no accents, no marks), and
are only of the speaker: “a rule developed by States” is what annotators must read. The group `who` is what is hidden.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A name: words that begin with a capital, at most four. “xAI” and “iFlytek” are names too.
_PART = r"(?:[a-z]{0,2}(?-i:[A-ZА-Я])[\w&'-]*(?:\.\w+)*)"
_FULL = rf"{_PART}(?:\s+{_PART}){{0,2}}"
_NAME = rf"[\"'«“„]?(?P<who>(?-i:{_PART}(?:[ ]{_PART}){{0,3}}))"
_OWN_NAME = rf"[\"'«“„]?(?P<who>(?-i:{_PART}(?:[ ]{_PART}){{0,2}}))[\"'»”“]?"
_FEW_WORDS = r"(?:[\w'-]+\s+){0,2}?"


@dataclass(frozen=True)
class Stated:
    """Where an identity stands in a text, and in which language it was stated."""

    start: int
    end: int
    language: str


def _listing(words: str) -> str:
    """One of the words, or several: “developed, trained and maintained”."""
    one = f"(?:{'|'.join(words.split())})"
    return rf"{one}(?:(?:\s*,\s*|\s+(?:and|or|et|ou|und|y|e|и)\s+){one}){{0,3}}"


def _english() -> Iterator[str]:
    noun = (
        r"(?:(?:(?:large\s+)?language|AI)\s+(?:model|assistant|system|agent|program|chat\s?bot)|AI|LLM|chat\s?bot"
        r"|assistant|artificial\s+intelligence)\b"
    )
    kind = r"(?:AI|artificial|(?:large\s+)?language\s+model|assistant|chat\s?bot|LLM|virtual|helpful)\b"
    i_am = r"(?:I\s+am|I'm|my\s+name\s+is)"
    verbs = _listing(
        "developed created trained made built designed produced maintained released engineered programmed"
    )
    team = r"(?:AI|research|team|researchers|engineers|people|company|lab|laboratory|startup|developers|firm)"
    by = rf"\s+(?:by|at)\s+(?:(?:(?:the|a|an)\s+)?(?:{team}\s+){{1,3}}(?:(?:at|of|from|called|named)\s+)?)?"
    was = r"(?:(?:is|was|am|were|has\s+been|have\s+been)\s+)?(?:\w+ly\s+|also\s+)?"
    what = rf"(?:an?|the|your|this)\s+(?:[\w-]+\s+){{0,4}}?{noun}"
    called = rf"(?:,?\s+(?:called|named|known\s+as)\s+{_PART})?(?:\s+\([^)]{{0,40}}\))?"
    link = r"\s*,?\s*(?:(?:that|which|who|and|I)\s+){0,2}"
    chain = rf"(?:{verbs}\s+(?:to|for|with|on)\b[^.!?\n;]{{0,60}}?(?:,|\band)\s+)?"
    yield rf"\bI(?:'m|'ve\s+been|\s+(?:am|was|have\s+been))\s+(?:\w+ly\s+|also\s+)?{verbs}{by}{_NAME}"
    yield (
        rf"\b(?:{i_am}|I,|(?<!such\s)as|being|this\s+is)\s+(?:{_FULL},?\s+)?(?:just\s+|only\s+|simply\s+)?"
        rf"{what}{called}{link}{was}{chain}{was}{verbs}{by}{_NAME}"
    )
    yield rf"\b(?:this|your)\s+(?:[\w-]+\s+){{0,2}}?{noun}{called}{link}{was}{verbs}{by}{_NAME}"
    yield rf"\b{i_am}\s+{_FULL},?\s+(?:and\s+I\s+)?{was}(?:developed|created|built){by}{_NAME}"
    yield rf"\b{i_am}\s+{_OWN_NAME}(?=,?\s+(?:and\s+I\s+)?{was}(?:developed|created|built)\s+by\s)"
    yield (
        rf"\b(?:{i_am}|(?:I'm|I\s+am)\s+called|call\s+me|this\s+is|as)\s+{_OWN_NAME}"
        rf"(?=,?\s*\(?\s*(?:and\s+(?:I'm|I\s+am)\s+)?(?:an?|the|your)\s+(?:[\w-]+\s+){{0,3}}?{kind})"
    )
    yield rf"\b(?:I\s+am|I'm)\s+(?:just\s+)?{what},?\s+(?:called|named|known\s+as)\s+{_OWN_NAME}"
    yield rf"\b(?:{i_am}|call\s+me)\s+(?P<who>(?-i:[A-Z][a-z]*[\w-]*\d(?:[\w-]|\.\w)*))"


def _french() -> Iterator[str]:
    noun = (
        r"(?:IA|(?:grand\s+)?modele(?:\s+de\s+langage|\s+d'IA)?|assistante?|intelligence\s+artificielle"
        r"|agent\s+conversationnel|chat\s?bot|robot\s+conversationnel|programme|systeme\s+d'IA)\b"
    )
    verbs = _listing(
        r"developpee? creee? entrainee? concue? fabriquee? mise?\s+au\s+point programmee? construite?"
    )
    by = (
        r"\s+(?:par|chez)\s+(?:(?:la\s+societe|l'entreprise|(?:l'|une\s+)equipe\s+(?:de|chez)"
        r"|les\s+(?:equipes|chercheurs|ingenieurs)\s+(?:de|chez)|le\s+laboratoire)\s+|(?:l'|une\s+)equipe\s+d')?"
    )
    i_am = r"(?:je\s+suis|je\s+m'appelle|mon\s+nom\s+est|en\s+tant\s+que)"
    a = r"(?:une?\s+|l'|le\s+|la\s+|votre\s+|ton\s+)"
    what = rf"(?:(?:juste|seulement|simplement)\s+)?{a}?{_FEW_WORDS}{noun}"
    yield rf"\b(?:j'ai\s+(?:aussi\s+)?ete|je\s+suis)\s+(?:\w+ment\s+)?{verbs}{by}{_NAME}"
    yield (
        rf"\b(?:je\s+suis|en\s+tant\s+qu(?:e\s+|')|comme|moi,)\s*(?:{_PART},\s+)?{what}(?:\s+[\w'-]+){{0,4}}?"
        rf"\s*,?(?:\s+qui\s+a\s+ete)?\s+{verbs}{by}{_NAME}"
    )
    yield rf"\b{i_am}\s+{_OWN_NAME}(?=,?\s+(?:et\s+je\s+suis\s+)?{a}\s*{_FEW_WORDS}{noun})"
    yield rf"\bje\s+suis\s+{what},?\s+(?:appelee?|nommee?)\s+{_OWN_NAME}"


def _german() -> Iterator[str]:
    noun = (
        r"(?:KI(?:-\w+)*|Sprach-?(?:KI|modell|assistent)\w*|Modell|(?:\w+-?)?Assistent(?:in)?|Chat-?bot"
        r"|kunstliche\s+Intelligenz)\b"
    )
    verbs = _listing(
        "entwickelt trainiert erstellt geschaffen erschaffen gebaut programmiert konzipiert hergestellt"
    )
    by = r"von\s+(?:(?:der\s+Firma|dem\s+Unternehmen|einem\s+Team\s+(?:von|bei)|Forschern\s+(?:von|bei))\s+)?"
    a = r"(?:(?:nur|lediglich)\s+)?(?:(?:eine?[mnrs]?|das|die|der|dein|ihr)\s+)?"
    what = rf"{a}{_FEW_WORDS}{noun}"
    yield rf"\bich\s+(?:wurde|bin)\s+(?:\w+\s+)?{by}{_NAME}\s+{verbs}"
    yield rf"\b(?:ich\s+bin|als)\s+{a}{by}{_NAME}\s+{verbs}e[snrm]?\s+{_FEW_WORDS}{noun}"
    yield (
        rf"\b(?:ich\s+bin|als)\s+(?:{_PART},\s+)?{what},?\s+(?:(?:das|der|die|welche[sr]?)\s+)?"
        rf"{by}{_NAME}\s+{verbs}"
    )
    yield rf"\b(?:ich\s+bin|als)\s+(?:{_PART},\s+)?{what},?\s+{verbs}\s+{by}{_NAME}"
    yield (
        rf"\b(?:ich\s+bin|ich\s+hei(?:ss|ß)e|mein\s+name\s+ist)\s+{_OWN_NAME}"
        rf"(?=,?\s+(?:und\s+(?:ich\s+)?bin\s+)?(?:eine?|dein|ihr|das|die|der)\s+{_FEW_WORDS}{noun})"
    )


def _spanish() -> Iterator[str]:
    noun = (
        r"(?:IA|(?:gran\s+)?modelo(?:\s+de\s+(?:lenguaje|IA))?|asistente|inteligencia\s+artificial|chat\s?bot"
        r"|programa)\b"
    )
    verbs = _listing(
        "desarrollad[oa] cread[oa] entrenad[oa] disenad[oa] construid[oa] fabricad[oa] programad[oa]"
    )
    by = (
        r"\s+(?:por|en)\s+(?:(?:la\s+empresa|la\s+compania|(?:el|un)\s+equipo\s+de|(?:los\s+)?investigadores\s+de"
        r"|(?:los\s+)?ingenieros\s+de)\s+)?"
    )
    a = r"(?:una?|el|la|tu|su)\s+"
    what = rf"(?:(?:solo|simplemente)\s+)?(?:{a})?{_FEW_WORDS}{noun}"
    yield rf"\b(?:fui|he\s+sido|soy)\s+(?:\w+mente\s+)?{verbs}{by}{_NAME}"
    yield (
        rf"\b(?:soy|como)\s+(?:{_PART},\s+)?{what}(?:\s+[\w-]+){{0,4}}?\s*,?(?:\s+que\s+(?:fue|ha\s+sido))?"
        rf"\s+{verbs}{by}{_NAME}"
    )
    yield rf"\b(?:soy|me\s+llamo|mi\s+nombre\s+es)\s+{_OWN_NAME}(?=,?\s+(?:y\s+soy\s+)?{a}{_FEW_WORDS}{noun})"
    yield rf"\bsoy\s+{what},?\s+(?:llamad[oa])\s+{_OWN_NAME}"


def _russian() -> Iterator[str]:
    noun = (
        r"(?:(?:языковая\s+)?модель|(?:ИИ|чат)?-?(?:ассистент|помощник|бот)|искусственный\s+интеллект|ИИ"
        r"|нейросеть|нейронная\s+сеть)\b"
    )
    end = "(?:ная|ный|а)?"
    verbs = _listing(" ".join(f"{stem}{end}" for stem in ("разработан", "создан", "обучен", "сделан")))
    by = r"\s+(?:(?:компанией|командой|фирмой|исследователями(?:\s+из)?|специалистами|инженерами)\s+)?"
    me = r"меня\s+(?:разработал|создал|обучил|сделал)[аи]?"
    i = r"я(?:\s*-\s*|\s+)"
    what = rf"(?:(?:это|просто|всего\s+лишь)\s+)?{_FEW_WORDS}{noun}"
    yield rf"\bя\s+(?:был[аи]?\s+)?{verbs}{by}{_NAME}"
    yield rf"\b(?:{i}|как\s+)(?:{_PART}\s*[,-]\s*)?{what},?\s+{verbs}{by}{_NAME}"
    yield rf"\b{me}\s+(?:(?:компания|команда|фирма|исследователи\s+из)\s+)?{_NAME}"
    yield (
        rf"\b(?:{i}|меня\s+зовут\s+|мое\s+имя\s*-?\s*){_OWN_NAME}"
        rf"(?=(?:\s*,\s*|\s+-\s+)(?:и\s+)?(?:я\s*-?\s*)?{what})"
    )


def _arabic() -> Iterator[str]:
    noun = r"(?:نموذج|مساعد|روبوت|ذكاء\s+اصطناعي|برنامج)"
    latin = r"[\w&-]*(?:\.\w+)*"
    who = rf"(?P<who>[A-Za-z]{latin}(?:[ ][A-Z]{latin}){{0,3}}|[\u0621-\u064a]+)"
    firm = r"(?:(?:شركة|فريق|مؤسسة|مختبر|باحثو|باحثون\s+في)\s+)?"
    hand = r"(?:من\s+(?:قبل|طرف|جانب)|بواسطة|علي\s+يد|لدي)"
    made_me = "(?:طورتني|طورني|دربتني|دربني|انشاتني|انشاني|صممتني|صممني|صنعتني|ابتكرتني)"
    made_it = (
        rf"(?:طورت?ها?|دربت?ه|انشاته?|صممت?ه|صنعت?ه|(?:تم\s+)?(?:تطويره|تدريبه|انشاؤه|تصميمه)\s+{hand}"
        rf"|(?:مطور|مدرب)\s+{hand}|من\s+(?:تطوير|انتاج|انشاء|تدريب|تصميم))"
    )
    yield rf"\bو?{made_me}\s+{firm}{who}"
    yield rf"\bو?(?:تم|جري)\s+(?:تطويري|تدريبي|انشائي|تصميمي|ابتكاري)\s+{hand}\s+{firm}{who}"
    yield rf"\bو?قامت?\s+{firm}{who}\s+ب(?:تطويري|تدريبي|انشائي|تصميمي)"
    yield (
        rf"\b(?:انا|بصفتي|بوصفي|كوني|باعتباري)\s+(?:مجرد\s+)?{noun}(?:\s+[\u0621-\u064a]+){{0,4}}?\s*,?"
        rf"\s+{made_it}\s+{firm}{who}"
    )
    yield rf"\b(?:انا|اسمي)\s+{who}(?=\s*,\s*(?:و?انا\s+)?{noun})"


def _chinese() -> Iterator[str]:
    inside = r"[^,。、;:!?.\n的我你他她它由]"
    edge = r"[^\s,。、;:!?.\n的我你他她它由]"
    who = rf"(?P<who>(?!一[个個款名种種]){edge}(?:{inside}{{0,18}}?{edge})??)"
    firm = r"\s*(?:公司|团队|團隊|实验室|實驗室)?\s*"
    verb = (
        r"(?:自主|独立|共同)?(?:开发|研发|训练|创建|创造|打造|推出|设计|构建|開發|研發|訓練|創建|設計|構建)"
    )
    noun = r"(?:模型|助手|助理|AI|人工智能|人工智慧|机器人|機器人)"
    a = r"(?:一[个個款名种種])?"
    yield rf"(?:我是|作为|作為|身为|我,){a}(?:由|被)?\s*{who}{firm}{verb}(?:出来)?的[^,。\n]{{0,16}}?{noun}"
    yield rf"我(?:是)?由\s*{who}{firm}{verb}(?![的出])"
    yield rf"(?:我是|作为|作為)[^。\n]{{0,24}}?{noun}\s*,?\s*(?:我)?(?:是)?由\s*{who}{firm}{verb}"
    yield rf"(?:我是|我叫|我的名字[是叫])\s*{who}(?=\s*,\s*(?:我?是)?(?:{a}|您的|你的)[^,。\n]{{0,24}}?{noun})"


def _begins(words: str) -> re.Pattern[str]:
    """Where one of the words (“_” is any space) stands in a text. Letters come first, which makes the search quick."""
    listed = [word.replace("_", r"\s+") for word in words.split()]
    firsts = "".join(sorted({letter for word in listed for letter in (word[0].lower(), word[0].upper())}))
    rests = "|".join(rf"(?<=[{word[0].lower()}{word[0].upper()}])(?i:{word[1:]})\b" for word in listed)
    return re.compile(rf"[{firsts}](?<!\w.)(?:{rests})")


# Each language with the words that its statements begin with: forms are tried at these places alone
_FORMS = tuple(
    (language, begins, tuple(re.compile(form, re.IGNORECASE) for form in forms))
    for language, begins, forms in (
        ("en", _begins("I my_name as being this your call_me"), _english()),
        ("fr", _begins("je_suis je_m'appelle j'ai en_tant comme mon_nom moi"), _french()),
        ("de", _begins("ich_bin ich_wurde ich_hei\\w+ als mein_name"), _german()),
        ("es", _begins("soy fui he_sido como me_llamo mi_nombre"), _spanish()),
        ("ru", _begins("я как меня мое_имя"), _russian()),
        ("ar", re.compile(r"[اوطدصتجقبكن](?<!\w.)"), _arabic()),
        ("zh", re.compile("[我作身]"), _chinese()),
    )
)


def stated(text: str) -> Iterator[Stated]:
    """Every statement of identity in a folded text. They may overlap."""
    for language, begins, forms in _FORMS:
        for place in begins.finditer(text):
            for form in forms:
                if match := form.match(text, place.start()):
                    yield Stated(*match.span("who"), language)
