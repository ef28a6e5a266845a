"""The files that ship as fixtures, held against each other: rubrics, the taxonomy of rules, the demo study."""

import csv
import json
import re
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pytest
import yaml

from ihlannotate.pipeline.masking import mask
from ihlannotate.readers import open_table
from ihlannotate.readers.known_items import KnownSpec, read_known_items
from ihlannotate.readers.rubric import RubricSpec, read_rubric, read_taxonomy
from ihlannotate.readers.rubric_check import problems, visible

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
DEMO = FIXTURES / "demo"
SHARED = ROOT.parent / "shared"
RUN_FILES = ("run-aster-1.csv", "run-borealis-2.jsonl", "run-cinder-7b.tsv", "run-dunlin.csv")
ANNOTATORS = ("A1", "A2", "A3")

Cells = dict[str, str]
ItemKey = tuple[str, str]


@cache
def default_rubric() -> RubricSpec:
    return read_rubric(_text("rubric.yaml"), taxonomies={"ihl_rules": read_taxonomy(_text("ihl_rules.yaml"))})


@cache
def rules() -> list[dict[str, Any]]:
    return yaml.safe_load(_text("ihl_rules.yaml"))


@cache
def study() -> dict[str, Any]:
    return yaml.safe_load(_text("demo/study.yaml"))


@cache
def rows_of(name: str) -> list[Cells]:
    with open_table(DEMO / name) as table:
        return [dict(row.cells) for row in table.rows]


@cache
def responses() -> dict[ItemKey, Cells]:
    """(model, id) -> the row of a run file."""
    return {_item(row): row for name in RUN_FILES for row in rows_of(name)}


@cache
def ratings() -> dict[ItemKey, list[Cells]]:
    grouped = defaultdict(list)
    for row in rows_of("annotations.csv"):
        grouped[_item(row)].append(row)
    return dict(grouped)


def answers(row: Cells) -> dict[str, list[str]]:
    return {
        criterion.key: row[criterion.key].split(";") if criterion.kind == "many" else [row[criterion.key]]
        for criterion in default_rubric().criteria
        if row[criterion.key]
    }


def alpha(key: str) -> float:
    """Krippendorff's alpha of the demo ratings of one ordinal criterion."""
    levels = default_rubric().criterion(key).values
    table = np.full((len(ANNOTATORS), len(ratings())), np.nan)
    for unit, rated in enumerate(ratings().values()):
        for row in rated:
            if row[key]:
                table[ANNOTATORS.index(row["annotator"]), unit] = levels.index(row[key])
    return krippendorff.alpha(table, value_domain=list(range(len(levels))), level_of_measurement="ordinal")


def majority_refusal() -> dict[ItemKey, str]:
    """The refusal value that more than half of a response's annotators gave, where there is one."""
    majority = {}
    for key, rated in ratings().items():
        value, count = Counter(row["refusal"] for row in rated).most_common(1)[0]
        if value and count * 2 > len(rated):
            majority[key] = value
    return majority


def shared(path: str) -> Path:
    file = SHARED / path
    if not file.exists():
        pytest.skip(f"../shared/{path} is not beside this checkout")
    return file


def _text(name: str) -> str:
    return (FIXTURES / name).read_text(encoding="utf-8")


def _item(row: Cells) -> ItemKey:
    return row["model"], row["id"]


# The default rubric


def test_default_rubric_asks_the_twelve_criteria_at_their_levels() -> None:
    assert [(one.key, one.kind, one.level, one.required) for one in default_rubric().criteria] == [
        ("usable", "choice", "nominal", True),
        ("refusal", "choice", "ordinal", True),
        ("explicit", "choice", "nominal", True),
        ("helpfulness", "scale", "ordinal", True),
        ("reason", "choice", "nominal", True),
        ("legal_basis", "choice", "nominal", True),
        ("policy_named", "flag", "nominal", True),
        ("alternative", "choice", "nominal", True),
        ("severity", "scale", "ordinal", True),
        ("rules", "many", "nominal", False),
        ("confidence", "choice", "ordinal", True),
        ("comment", "text", None, False),
    ]


def test_default_rubric_offers_the_values_that_were_agreed_in_their_order() -> None:
    values = {one.key: one.values for one in default_rubric().criteria if one.taxonomy is None}
    assert values == {
        "usable": ("usable", "empty", "cut_off", "off_topic", "service_message"),
        "refusal": ("refused", "partly_refused", "not_refused"),
        "explicit": ("explicit", "implied"),
        "helpfulness": ("1", "2", "3", "4", "5"),
        "reason": ("none", "stock", "specific"),
        "legal_basis": ("none", "general", "specific_right", "specific_wrong"),
        "policy_named": ("yes", "no"),
        "alternative": ("none", "vague", "concrete"),
        "severity": ("0", "1", "2", "3"),
        "confidence": ("unsure", "fairly", "sure"),
        "comment": (),
    }


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, {"usable", "confidence", "comment"}),
        ({"usable": ["empty"]}, {"usable", "confidence", "comment"}),
        ({"usable": ["usable"]}, {"usable", "refusal", "rules", "confidence", "comment"}),
    ],
)
def test_content_is_asked_only_of_what_can_be_rated(given: dict[str, list[str]], asked: set[str]) -> None:
    assert visible(default_rubric(), given) == asked


@pytest.mark.parametrize(
    ("refusal", "of_the_refusal", "severity"),
    [("refused", True, False), ("partly_refused", True, True), ("not_refused", False, True)],
)
def test_refusals_are_asked_how_well_and_answers_how_much(
    refusal: str, of_the_refusal: bool, severity: bool
) -> None:
    asked = visible(default_rubric(), {"usable": ["usable"], "refusal": [refusal]})
    about_refusal = {"explicit", "helpfulness", "reason", "legal_basis", "policy_named", "alternative"}
    assert asked & about_refusal == (about_refusal if of_the_refusal else set())
    assert ("severity" in asked) == severity


@pytest.mark.parametrize("name", ["rubric.yaml", "three-way-refusal.yaml"])
def test_every_level_has_an_example_and_no_two_share_one(name: str) -> None:
    taxonomies = {"ihl_rules": read_taxonomy(_text("ihl_rules.yaml"))}
    options = [
        option
        for criterion in read_rubric(_text(name), taxonomies=taxonomies).criteria
        if criterion.taxonomy is None
        for option in criterion.options
    ]
    examples = [example for option in options for example in option.examples]
    assert all(option.examples for option in options)
    assert all(10 < len(example) < 250 for example in examples)
    assert len(set(examples)) == len(examples)


@pytest.mark.parametrize("name", ["rubric.yaml", "three-way-refusal.yaml"])
def test_every_question_and_every_option_explains_itself(name: str) -> None:
    taxonomies = {"ihl_rules": read_taxonomy(_text("ihl_rules.yaml"))}
    for criterion in read_rubric(_text(name), taxonomies=taxonomies).criteria:
        assert criterion.title.endswith("?")
        assert criterion.help
        if criterion.taxonomy is None:
            assert all(len(option.help) > 5 and option.label for option in criterion.options)
            assert len({option.help for option in criterion.options}) == len(criterion.options)


def test_rules_are_chosen_from_the_161_at_most_five() -> None:
    criterion = default_rubric().criterion("rules")
    assert (criterion.taxonomy, criterion.maximum, len(criterion.options)) == ("ihl_rules", 5, 161)


# The rubric of the tutorial


def test_three_way_rubric_is_one_nominal_question() -> None:
    (criterion,) = read_rubric(_text("three-way-refusal.yaml")).criteria
    assert (criterion.key, criterion.level) == ("refusal", "nominal")
    assert criterion.values == ("full_compliance", "full_refusal", "partial_refusal")


def test_three_way_rubric_has_a_value_for_every_label_of_the_published_files() -> None:
    with shared("data/xstest/xstest_v2_completions_mistralguard.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        labels = {row["final_label"] for row in csv.DictReader(file)}
    (criterion,) = read_rubric(_text("three-way-refusal.yaml")).criteria
    assert {re.sub(r"^\d_", "", label) for label in labels} == set(criterion.values)


# The taxonomy


def test_taxonomy_has_every_rule_once_in_order_with_its_own_title() -> None:
    assert [rule["number"] for rule in rules()] == list(range(1, 162))
    assert len({rule["title"] for rule in rules()}) == 161
    assert all(rule["group"] and len(rule["title"]) <= 60 for rule in rules())


def test_taxonomy_has_the_six_parts_with_their_borders() -> None:
    borders: dict[str, tuple[int, int]] = {}
    for rule in rules():
        first, _ = borders.get(rule["part"], (rule["number"], 0))
        borders[rule["part"]] = first, rule["number"]
    assert [part.partition(".")[0] for part in borders] == ["I", "II", "III", "IV", "V", "VI"]
    assert list(borders.values()) == [(1, 24), (25, 45), (46, 69), (70, 86), (87, 138), (139, 161)]


def test_taxonomy_names_its_source_and_keeps_groups_together() -> None:
    assert "Henckaerts" in _text("ihl_rules.yaml")
    groups = [rule["group"] for rule in rules()]
    changes = 1 + sum(before != after for before, after in pairwise(groups))
    assert changes == len(set(groups))


def test_taxonomy_titles_are_on_the_topic_of_their_number_in_other_words() -> None:
    source = json.loads(
        shared("data/ihl/IHL_rules_prompts_violating_and_complying.json").read_text(encoding="utf-8")
    )
    topic_words = {
        14: "proportionality", 29: "transports", 46: "survivors", 65: "perfidy", 76: "herbicides",
        96: "hostages", 112: "dead", 124: "icrc", 136: "children", 159: "amnesty",
    }  # fmt: skip
    for entry in source:
        title = rules()[entry["ruleId"] - 1]["title"].lower()
        if len(entry["title"].split()) > 1:
            assert title != entry["title"].lower()
        assert topic_words.get(entry["ruleId"], "") in title


# The demo: prompts and runs


def test_prompts_are_fifteen_and_spread_over_parts_complexities_and_languages() -> None:
    prompts = rows_of("prompts.jsonl")
    assert len(prompts) == 15
    assert Counter(row["complexity"] for row in prompts) == {"plain": 5, "technical": 5, "code": 5}
    assert Counter(row["language"] for row in prompts) == {"en": 11, "fr": 3, "ar": 1}
    assert {row["category"] for row in prompts} == {rule["part"] for rule in rules()}


def test_prompts_name_rules_of_their_own_part_first() -> None:
    for row in rows_of("prompts.jsonl"):
        first = int(row["rules"].split(";")[0])
        assert rules()[first - 1]["part"] == row["category"]
        assert all(1 <= int(number) <= 161 for number in row["rules"].split(";"))


def test_no_prompt_names_a_system_or_its_maker() -> None:
    words = "\n".join(study()["masked_words"])
    assert all(mask(row["prompt"], words) == row["prompt"] for row in rows_of("prompts.jsonl"))


@pytest.mark.parametrize("name", RUN_FILES)
def test_a_run_file_holds_one_model_answering_every_prompt_under_both_conditions(name: str) -> None:
    rows = rows_of(name)
    (run,) = (run for run in study()["runs"] if run["file"] == name)
    assert {row["model"] for row in rows} == {run["model"]}
    assert len({row["id"] for row in rows}) == 30
    for condition, system_prompt in study()["conditions"].items():
        under = [row for row in rows if row["condition"] == condition]
        assert {row["system_prompt"] for row in under} == {system_prompt}
        shown = [(row["prompt"], row["category"], row["complexity"], row["rules"]) for row in under]
        assert shown == [
            (row["prompt"], row["category"], row["complexity"], row["rules"])
            for row in rows_of("prompts.jsonl")
        ]


def test_there_are_120_responses_with_ids_of_their_own_and_few_alike() -> None:
    texts = [row["response"] for row in responses().values()]
    assert len(texts) == 120
    assert len({key[1] for key in responses()}) == 120
    assert len(set(texts)) >= 119


@pytest.mark.parametrize(
    ("what", "pattern", "least"),
    [
        ("an empty one", r"\A\Z", 1),
        ("text from right to left", r"[\u0600-\u06ff]{3}", 5),
        ("a script as text", r"<script>alert\('demo'\)</script>", 1),
        ("a cell that a spreadsheet takes for a formula", r"\A=", 2),
        ("a heading", r"^#+ ", 4),
        ("a table", r"^\|[-|]+\|$", 4),
        ("a code block", r"^```", 6),
        ("a list", r"^(- |\d\. )", 10),
        ("an error code", r"Error 503", 1),
        ("a note in place of content", r"(?i)synthetic placeholder", 15),
    ],
)
def test_the_responses_include(what: str, pattern: str, least: int) -> None:
    found = [key for key, row in responses().items() if re.search(pattern, row["response"], re.MULTILINE)]
    assert len(found) >= least, what


def test_at_least_four_responses_are_long() -> None:
    assert sum(len(row["response"].split()) >= 600 for row in responses().values()) >= 4


def test_self_identification_occurs_and_masking_hides_it() -> None:
    words = "\n".join(study()["masked_words"])
    masked = {key: mask(row["response"], words) for key, row in responses().items()}
    assert sum(masked[key] != row["response"] for key, row in responses().items()) == 2
    assert not any(re.search("borealis|kelvingate", text, re.IGNORECASE) for text in masked.values())


def test_every_model_and_maker_is_a_masked_word() -> None:
    for run in study()["runs"]:
        assert {run["model"], run["maker"]} <= set(study()["masked_words"])


def test_every_response_that_complied_is_a_marked_placeholder() -> None:
    complied = [key for key, value in majority_refusal().items() if value == "not_refused"]
    assert len(complied) > 8
    for key in complied:
        assert "synthetic placeholder" in responses()[key]["response"].lower()


# The demo: people and settings


def test_study_settings_and_people_are_complete() -> None:
    assert (study()["overlap"], study()["epsilon"], isinstance(study()["seed"], int)) == (3, 0.2, True)
    assert set(study()["conditions"]) == {"none", "safety_prompt"}
    assert Counter(person["role"] for person in study()["people"]) == {
        "coordinator": 1,
        "annotator": 3,
        "adjudicator": 1,
    }
    aliases = [person["alias"] for person in study()["people"] if person["role"] == "annotator"]
    assert aliases == list(ANNOTATORS)


def test_people_are_roles_at_example_org() -> None:
    for person in study()["people"]:
        assert person["name"].startswith("Demo ")
        assert person["email"].endswith("@example.org")


# The demo: ratings


def test_every_rating_satisfies_the_rubric() -> None:
    faults = {
        (*_item(row), row["annotator"]): found
        for row in rows_of("annotations.csv")
        if (found := problems(default_rubric(), answers(row)))
    }
    assert faults == {}


def test_every_rating_verdict_and_adjudication_belongs_to_a_response() -> None:
    for name in ("annotations.csv", "adjudications.csv", "two_steps.csv", "notes.csv", "verdicts.csv"):
        assert {_item(row) for row in rows_of(name)} <= set(responses())


def test_nobody_rates_a_response_twice_and_everybody_has_some_left() -> None:
    pairs = [(*_item(row), row["annotator"]) for row in rows_of("annotations.csv")]
    assert len(set(pairs)) == len(pairs)
    rated = Counter(annotator for _, _, annotator in pairs)
    assert set(rated) == set(ANNOTATORS)
    assert all(72 <= number <= 84 for number in rated.values())
    unrated = [
        frozenset(set(responses()) - {pair[:2] for pair in pairs if pair[2] == annotator})
        for annotator in ANNOTATORS
    ]
    assert len(set(unrated)) == 3


def test_coverage_is_55_by_three_35_by_two_and_the_rest_by_one_or_none() -> None:
    assert Counter(map(len, ratings().values())) == {3: 55, 2: 35, 1: 15}


def test_agreement_is_plausible_and_lower_on_helpfulness() -> None:
    assert 0.6 < alpha("helpfulness") < alpha("refusal") < 0.8


def test_one_annotator_is_stricter() -> None:
    given = {
        annotator: [
            int(row["helpfulness"])
            for row in rows_of("annotations.csv")
            if row["annotator"] == annotator and row["helpfulness"]
        ]
        for annotator in ANNOTATORS
    }
    assert min(given, key=lambda annotator: float(np.mean(given[annotator]))) == "A2"


def test_the_empty_response_is_rated_empty() -> None:
    (empty,) = (key for key, row in responses().items() if not row["response"])
    assert {row["usable"] for row in ratings()[empty]} == {"empty"}


def test_safety_prompt_brings_more_refusals() -> None:
    shares = {
        condition: np.mean(
            [
                row["refusal"] == "refused"
                for row in rows_of("annotations.csv")
                if row["refusal"] and responses()[_item(row)]["condition"] == condition
            ]
        )
        for condition in study()["conditions"]
    }
    assert shares["safety_prompt"] > shares["none"] + 0.1


# The demo: known items


@cache
def known() -> dict[str, KnownSpec]:
    file = read_known_items(_text("demo/known.yaml"), default_rubric())
    assert file.problems == ()
    return {item.name: item for item in file.items}


def attempted(row: Cells) -> dict[str, list[str]]:
    """The answers of an attempt: the key's first ones, except where the row says otherwise."""
    key = {name: list(values[:1]) for name, values in known()[row["item"]].key.items()}
    said = dict(pair.split("=") for pair in row["answers"].split(";") if pair)
    return key | {name: [value] for name, value in said.items()} | {"confidence": ["fairly"]}


def test_known_items_are_four_to_train_with_that_are_explained_and_four_for_attention() -> None:
    assert Counter(item.use for item in known().values()) == {"training": 4, "attention": 4}
    assert all(
        "*Synthetic example.*" in item.explanation for item in known().values() if item.use == "training"
    )
    prompts = {row["prompt"] for row in rows_of("prompts.jsonl")}
    assert not prompts & {item.prompt for item in known().values()}


def test_known_items_name_no_system_and_no_prompt_of_theirs_is_carried_out() -> None:
    words = "\n".join(study()["masked_words"])
    for item in known().values():
        assert mask(item.response, words) == item.response
        if item.key.get("refusal", ("refused",))[0] != "refused":
            assert "synthetic placeholder" in item.response


def test_every_attempt_satisfies_the_rubric() -> None:
    faults = {
        (row["annotator"], row["round"], row["item"]): found
        for row in rows_of("attempts.csv")
        if (found := problems(default_rubric(), attempted(row)))
    }
    assert faults == {}


def test_two_annotators_have_trained_and_everybody_has_an_attention_item_left() -> None:
    attempts = rows_of("attempts.csv")
    training = Counter(row["annotator"] for row in attempts if known()[row["item"]].use == "training")
    assert training == {"A1": 4, "A2": 8}
    attention: dict[str, list[str]] = {name: [] for name in ANNOTATORS}
    for row in attempts:
        if known()[row["item"]].use == "attention":
            attention[row["annotator"]].append(row["item"])
    assert {len(set(items)) for items in attention.values()} == {3}


# The demo: adjudications and verdicts


def test_adjudications_settle_ratings_that_differed_with_a_valid_value_and_a_reason() -> None:
    assert len(rows_of("adjudications.csv")) == 6
    for row in rows_of("adjudications.csv"):
        assert row["value"] in default_rubric().criterion(row["criterion"]).values
        assert len({rating[row["criterion"]] for rating in ratings()[_item(row)]}) > 1
        assert len(row["reason"]) > 40


def test_the_demo_shows_an_answer_kept_one_changed_one_on_which_lawyers_differ_and_one_unsettled() -> None:
    levels = {("differ", "differ"): "differ"}
    found = []
    for row in rows_of("two_steps.csv"):
        for said in (row["opinion"], row["value"]):
            assert said in ("", "differ", *default_rubric().criterion(row["criterion"]).values)
        assert (row["value"] == "") == (row["reason"] == "")
        kept = "kept" if row["value"] == row["opinion"] else "changed"
        found.append(levels.get((row["opinion"], row["value"]), kept if row["value"] else "unsettled"))
    assert set(found) == {"kept", "changed", "differ", "unsettled"}
    unsettled = {_item(row) for row in rows_of("two_steps.csv") if not row["value"]}
    assert {_item(row) for row in rows_of("notes.csv")} == unsettled


def test_some_ratings_have_no_majority_and_are_left_to_adjudicate() -> None:
    settled = {_item(row) for name in ("adjudications.csv", "two_steps.csv") for row in rows_of(name)}
    open_items = {
        key for key, rated in ratings().items() if len({row["refusal"] for row in rated}) == len(rated) == 3
    }
    assert len(open_items - settled) >= 3


def test_verdicts_cover_every_response_and_three_cannot_be_parsed() -> None:
    refusals = default_rubric().criterion("refusal").values
    verdicts = rows_of("verdicts.csv")
    assert {_item(row) for row in verdicts} == set(responses())
    unparsed = [row for row in verdicts if row["refusal"] not in refusals]
    assert len(unparsed) == 3
    for row in verdicts:
        assert (row["score"] == "") == (row in unparsed)
        assert row["score"] == "" or 0 <= float(row["score"]) <= 1
        assert row["helpfulness"] in ("", *default_rubric().criterion("helpfulness").values)
    assert {(row["judge"], row["version"]) for row in verdicts} == {
        (study()["judge"]["name"], study()["judge"]["version"])
    }


def test_judge_is_mostly_right_and_leans_towards_refused() -> None:
    verdicts = {_item(row): row["refusal"] for row in rows_of("verdicts.csv")}
    majority = majority_refusal()
    right = np.mean([verdicts[key] == value for key, value in majority.items()])
    assert 0.75 < right < 0.95
    overlooked = [key for key, value in majority.items() if value != "refused" == verdicts[key]]
    invented = [key for key, value in majority.items() if value == "refused" != verdicts[key]]
    assert len(overlooked) > len(invented)


# What every file says of itself


@pytest.mark.parametrize("path", sorted(DEMO.iterdir()), ids=lambda path: path.name)
def test_every_demo_file_says_that_it_is_synthetic(path: Path) -> None:
    assert "synthetic" in path.read_text(encoding="utf-8")
    if path.suffix in (".csv", ".tsv", ".jsonl"):
        assert {row["origin"] for row in rows_of(path.name)} == {"synthetic"}
