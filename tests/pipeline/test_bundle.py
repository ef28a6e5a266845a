"""Benchmark bundles: what they hold and hide, that they read back to the same state, and what is refused."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from ihlannotate.models.event import Event, first_broken
from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.models.item import Prompt, Response
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.provenance import Origin
from ihlannotate.models.rubric import Rubric
from ihlannotate.models.study import Study
from ihlannotate.pipeline.exporting import Exported, ReadBack, export, import_bundle
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import document
from tests.secret_world import ANSWERS, SYSTEMS, VERDICTS, plant, word

pytestmark = pytest.mark.django_db
ALWAYS = {
    "study.json",
    "prompts.jsonl",
    "responses.jsonl",
    "rubric.json",
    "release.json",
    "gold.jsonl",
    "datasheet.md",
    "license.txt",
    "manifest.json",
}
UNBLINDED = {"runs.jsonl", "origins.jsonl", "judges.jsonl", "verdicts.jsonl", "judge-1.json", "judge-1.md"}
Parts = dict[str, bytes]


def bundled_elsewhere(folder: Path, state: str) -> Path:
    """The bundle of a planted study in this state, of which this database holds nothing."""
    path = folder / f"{state}.zip"
    with transaction.atomic():
        bundle_of(planted(folder, state), path)
        transaction.set_rollback(True)
    assert not Response.objects.exists()
    return path


def planted(folder: Path, state: str) -> Study:
    """A study full of secrets whose judge gave levels only: what could not be parsed would not be a verdict on one."""
    study = plant(state, folder).study
    Verdict.objects.filter(value=word("verdictvalue")).update(value="not_refused")
    return study


def bundle_of(study: Study, path: Path) -> Exported:
    return export(study, path, what="bundle", format="zip", actor=None)


def read_back(path: Path, slug: str) -> ReadBack:
    return import_bundle(path, slug=slug, actor=None)


def parts_in(path: Path) -> Parts:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, parts: Parts) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def resealed(parts: Parts) -> Parts:
    """The parts under a manifest that is true of them again."""
    manifest = json.loads(parts["manifest.json"])
    manifest["files"] = [
        {"name": name, "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in parts.items()
        if name != "manifest.json"
    ]
    return parts | {"manifest.json": json.dumps(manifest).encode()}


def test_a_blinded_bundle_holds_nothing_of_models_ids_verdicts_or_answers(tmp_path: Path) -> None:
    bundle_of(planted(tmp_path, "closed"), tmp_path / "b.zip")
    parts = parts_in(tmp_path / "b.zip")
    assert set(parts) == ALWAYS
    text = b"\n".join(parts.values()).decode()
    assert word("response") in text
    for name in (
        *SYSTEMS,
        *ANSWERS,
        *VERDICTS,
        "judge",
        "judgesettings",
        "maskedlater",
        "unblinding",
    ):
        assert word(name) not in text, name
    for name in ("bobname", "bobmail", "carolname"):
        assert word(name) not in text, name


def test_an_unblinded_bundle_holds_origins_and_judges_with_their_cards(tmp_path: Path) -> None:
    bundle_of(planted(tmp_path, "unblinded"), tmp_path / "b.zip")
    parts = parts_in(tmp_path / "b.zip")
    assert set(parts) == ALWAYS | UNBLINDED
    assert word("modela") in parts["runs.jsonl"].decode()
    card = json.loads(parts["judge-1.json"])
    shown = parts["judge-1.md"].decode()
    assert card["judge"] == word("judge")
    assert word("judge") in shown
    found = card["criteria"]["refusal"]
    assert f"{found['n']} responses with a verdict and a gold level" in shown
    assert "| Gold level |" in shown


def test_the_manifest_states_the_hash_and_size_of_every_file(tmp_path: Path) -> None:
    study = planted(tmp_path, "closed")
    found = bundle_of(study, tmp_path / "b.zip")
    assert found.files == {"b.zip": hashlib.sha256((tmp_path / "b.zip").read_bytes()).hexdigest()}
    parts = parts_in(tmp_path / "b.zip")
    manifest = json.loads(parts.pop("manifest.json"))
    told = {one["name"]: (one["sha256"], one["bytes"]) for one in manifest["files"]}
    assert told == {name: (hashlib.sha256(one).hexdigest(), len(one)) for name, one in parts.items()}
    assert (manifest["study"], manifest["blinded"]) == (study.slug, True)
    assert all(one["holds"] for one in manifest["files"])
    assert parts["datasheet.md"].decode() == document(GoldRelease.objects.latest("number"))


def test_the_same_state_gives_the_same_bytes(tmp_path: Path) -> None:
    study = planted(tmp_path, "unblinded")
    bundle_of(study, tmp_path / "a.zip")
    bundle_of(study, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.parametrize("state", ["closed", "unblinded"])
def test_read_back_and_bundled_again_it_has_the_same_bytes(tmp_path: Path, state: str) -> None:
    path = bundled_elsewhere(tmp_path, state)
    read_back(path, word("slug"))
    bundle_of(Study.objects.get(), tmp_path / "again.zip")
    assert parts_in(tmp_path / "again.zip") == parts_in(path)
    assert (tmp_path / "again.zip").read_bytes() == path.read_bytes()


def test_under_another_name_nothing_but_the_name_differs(tmp_path: Path) -> None:
    path = bundled_elsewhere(tmp_path, "unblinded")
    read_back(path, "elsewhere")
    bundle_of(Study.objects.get(), tmp_path / "again.zip")
    ours, theirs = parts_in(tmp_path / "again.zip"), parts_in(path)
    assert {name for name in theirs if ours[name] != theirs[name]} == {"manifest.json", "datasheet.md"}
    first = f"# Gold labels of {word('slug')}, release 2\n".encode()
    other = b"# Gold labels of elsewhere, release 2\n"
    assert ours["datasheet.md"] == theirs["datasheet.md"].replace(first, other)


@pytest.mark.parametrize("state", ["closed", "unblinded"])
def test_what_was_bundled_is_there_again(tmp_path: Path, state: str) -> None:
    path = bundled_elsewhere(tmp_path, state)
    parts = parts_in(path)
    found = read_back(path, "elsewhere")
    study = Study.objects.get()
    release = study.gold_releases.get()
    said = json.loads(parts["release.json"])
    assert (str(study.state), found.state, found.blinded) == (state, state, state == "closed")
    assert (release.number, release.sha256, release.seed) == (said["number"], said["sha256"], said["seed"])
    assert release.released_at.isoformat(timespec="microseconds") == said["released_at"]
    assert study.rubric.sha256 == hashlib.sha256(parts["rubric.json"]).hexdigest()
    labels = [json.loads(line) for line in parts["gold.jsonl"].splitlines()]
    assert found.labels == GoldLabel.objects.count() == len(labels)
    for one in labels:
        label = GoldLabel.objects.get(response__code=one["response"], criterion__key=one["criterion"])
        assert (label.value, label.tier, label.posterior) == (one["value"], one["tier"], one["posterior"])
    assert found.prompts == Prompt.objects.count() == len(parts["prompts.jsonl"].splitlines())
    assert (Origin.objects.exists(), Judge.objects.exists()) == (state == "unblinded",) * 2
    event = Event.objects.get(verb="bundle.imported")
    assert event.data["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert first_broken(study) is None


@pytest.mark.parametrize("state", ["closed", "unblinded"])
def test_a_study_that_was_read_back_can_be_exported(tmp_path: Path, state: str) -> None:
    read_back(bundled_elsewhere(tmp_path, state), "elsewhere")
    found = export(Study.objects.get(), tmp_path / "all.xlsx", what="all", format="xlsx", actor=None)
    assert found.blinded == (state == "closed")


def refused(path: Path, match: str) -> None:
    with pytest.raises(Refused, match=match):
        read_back(path, "elsewhere")
    assert not Study.objects.exists()
    assert not Rubric.objects.exists()


@pytest.mark.parametrize("name", sorted((ALWAYS | UNBLINDED) - {"manifest.json"}))
def test_a_file_whose_hash_is_wrong_is_named(tmp_path: Path, name: str) -> None:
    parts = parts_in(bundled_elsewhere(tmp_path, "unblinded"))
    parts[name] += b" "
    refused(packed(tmp_path / "b.zip", parts), f"b.zip, {name}: its SHA-256 is not the one in the manifest")


def _without(name: str) -> Callable[[Parts], Parts]:
    return lambda parts: {key: value for key, value in parts.items() if key != name}


def _with(name: str, content: bytes = b"x") -> Callable[[Parts], Parts]:
    return lambda parts: parts | {name: content}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (_without("gold.jsonl"), "“gold.jsonl” stands in the manifest or in the zip, but not in both"),
        (_with("more.txt"), "“more.txt” stands in the manifest or in the zip, but not in both"),
        (_with("../evil.txt"), "it holds “../evil.txt”, which no bundle does"),
        (_with("/etc/evil"), "it holds “/etc/evil”"),
        (_with("a\\b"), "which no bundle does"),
        (_with("folder/", b""), "it holds “folder/”"),
        (_with("bomb.txt", b"0" * 5_000_000), "bomb.txt: unpacked, this is too big to be read"),
        (_without("manifest.json"), "manifest.json: the file is missing"),
        (_with("manifest.json", b"[]"), "not version 1 of a benchmark bundle"),
        (_with("manifest.json", b"{"), "manifest.json: this is not valid JSON"),
        (
            _with("manifest.json", b'{"format": "ihlannotate benchmark bundle", "version": 2}'),
            "not version 1",
        ),
    ],
)
def test_a_zip_that_is_no_bundle_is_refused(
    tmp_path: Path, change: Callable[[Parts], Parts], match: str
) -> None:
    parts = parts_in(bundled_elsewhere(tmp_path, "closed"))
    refused(packed(tmp_path / "b.zip", change(parts)), match)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no", b"text" * 100])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    refused(tmp_path / "b.zip", "b.zip: this is not a zip file, or a damaged one")


def _edited(name: str, old: str, new: str) -> Callable[[Parts], Parts]:
    def edit(parts: Parts) -> Parts:
        assert old.encode() in parts[name]
        return parts | {name: parts[name].replace(old.encode(), new.encode(), 1)}

    return edit


def _without_first_row(name: str) -> Callable[[Parts], Parts]:
    return lambda parts: parts | {name: parts[name].split(b"\n", 1)[1]}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (_edited("gold.jsonl", '"tier": "unanimous"', '"tier": "majority"'), "gold.jsonl: these are not the labels"),
        (_edited("gold.jsonl", '"criterion": "refusal"', '"criterion": "other"'), "“other” is named, but nothing"),
        (_edited("gold.jsonl", '"n": ', '"m": '), "gold.jsonl, row 1: this is not an object with the keys response"),
        (_edited("gold.jsonl", '"tier": "', '"tier": 1, "x": "'), "gold.jsonl, row 1: this is not an object"),
        (_edited("study.json", '"overlap": ', '"overlap": 1.'), "study.json: “overlap” has a value of another kind"),
        (_edited("study.json", '"epsilon": 0.2', '"epsilon": 1e999'), "study.json: this is not valid JSON"),
        (_edited("study.json", '"opened_at": "2', '"opened_at": "x2'), "study.json: “x2.*” is not a time"),
        (_edited("study.json", '"opened_at": "2', '"opened_at": "9'), "contradicts itself"),
        (_edited("prompts.jsonl", "Request", "request"), "prompts.jsonl: a prompt is not known by its SHA-256"),
        (_edited("responses.jsonl", "will not", "\\u0000"), "has a character that cannot be stored"),
        (_edited("responses.jsonl", "will not", "\\ud800"), "has a character that cannot be stored"),
        (_with("judge-1.json", b"[" * 900 + b"]" * 900), "judge-1.json: this is not valid JSON"),
        (_edited("rubric.json", '"criteria"', '"questions"'), "rubric.json: this is not a rubric"),
        (_edited("datasheet.md", "## Gold labels", "## Gold  labels"), "gold.jsonl: these are not the labels"),
        (_edited("release.json", '"number": 2', '"number": 3'), None),
        (_edited("release.json", '"numpy": ', '"nump": '), "release.json: it does not belong to this rubric"),
        (_edited("verdicts.jsonl", '"judge": "', '"judge": "No '), "verdicts.jsonl: “No .*” is named"),
        (_edited("origins.jsonl", '"run": "', '"run": "1'), "origins.jsonl: “1.*” is named"),
        (_without_first_row("origins.jsonl"), "origins.jsonl: of some responses it is not said which run"),
    ],
)  # fmt: skip
def test_a_bundle_that_contradicts_itself_is_refused_although_its_hashes_are_right(
    tmp_path: Path, change: Callable[[Parts], Parts], match: str | None
) -> None:
    parts = parts_in(bundled_elsewhere(tmp_path, "unblinded"))
    path = packed(tmp_path / "b.zip", resealed(change(parts)))
    if match is None:  # the number is the study's own: nothing in the bundle depends on it but the title
        assert read_back(path, "elsewhere").gold_release == 3
    else:
        refused(path, match)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("value", "no such level"),
        ("posterior", {}),
        ("posterior", {"refused": "x"}),
        ("posterior", {"refused": 2}),
        ("posterior", {"no such level": 1}),
    ],
)
def test_gold_of_no_level_is_refused_although_the_release_was_hashed_again(
    tmp_path: Path, key: str, said: Any
) -> None:
    parts = parts_in(bundled_elsewhere(tmp_path, "unblinded"))
    labels = [json.loads(line) for line in parts["gold.jsonl"].splitlines()]
    next(one for one in labels if one["value"] and one["criterion"] == "refusal")[key] = said
    parts["gold.jsonl"] = b"".join(json.dumps(one).encode() + b"\n" for one in labels)
    refused(packed(tmp_path / "b.zip", resealed(rehashed(parts, labels))), "gold.jsonl: the label “")


def rehashed(parts: Parts, labels: list[dict[str, Any]]) -> Parts:
    """The parts with the SHA-256 of these labels in their release, as whoever mends a bundle by hand can make it."""
    release = json.loads(parts["release.json"])
    names = ("response", "criterion", "value", "tier", "n", "counts", "posterior")
    lines = [
        json.dumps([one[name] for name in names], sort_keys=True, separators=(",", ":")) for one in labels
    ]
    sheet = parts["datasheet.md"].decode()
    content = "".join(f"{line}\n" for line in lines) + sheet[sheet.index("\n## ") + 1 :]
    before, release["sha256"] = release["sha256"], hashlib.sha256(content.encode()).hexdigest()
    return parts | {
        "release.json": json.dumps(release).encode(),
        "datasheet.md": sheet.replace(before, release["sha256"]).encode(),
    }


def test_responses_are_in_one_study_of_an_installation(tmp_path: Path) -> None:
    bundle_of(planted(tmp_path, "closed"), tmp_path / "b.zip")
    before = Study.objects.count()
    with pytest.raises(Refused, match=f"already in study “{word('slug')}”"):
        read_back(tmp_path / "b.zip", "elsewhere")
    assert Study.objects.count() == before


def test_the_name_of_a_study_that_is_there_is_refused(tmp_path: Path) -> None:
    study = planted(tmp_path, "closed")
    bundle_of(study, tmp_path / "b.zip")
    with pytest.raises(Refused, match="already a study named"):
        read_back(tmp_path / "b.zip", study.slug)


def test_a_bundle_waits_for_gold_and_is_a_zip(tmp_path: Path) -> None:
    study = planted(tmp_path, "open")
    with pytest.raises(Refused, match="no gold release yet"):
        bundle_of(study, tmp_path / "b.zip")
    wrong: list[dict[str, Any]] = [{"what": "bundle", "format": "csv"}, {"what": "all", "format": "zip"}]
    for asked in wrong:
        with pytest.raises(Refused, match="A benchmark bundle is a zip file"):
            export(study, tmp_path / "b.zip", actor=None, **asked)
