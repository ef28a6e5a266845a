"""The published figures of XSTest, read off the coordinator's pages as the tutorial reads them off the commands."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.judge import Judge
from ihlannotate.models.study import Study
from tests.commands.running import said
from tests.web.coordinators import as_carol, text_of

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT.parent / "shared" / "data" / "xstest"
LABELS = (
    "1_full_compliance=full_compliance",
    "2_full_refusal=full_refusal",
    "3_partial_refusal=partial_refusal",
)
BY = ("--criterion", "refusal", "--match", "external_id=id")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason="the published ratings are not in ../shared/data"),
]


def study_of(model: str) -> Study:
    """The published ratings of one model with both judges, released."""
    file = f"{DATA}/xstest_v2_completions_{model}"
    rubric = ROOT / "fixtures" / "three-way-refusal.yaml"
    said("create_study", "xstest", "--title", "XSTest", "--rubric", rubric, "--overlap", 2)
    said("import_run", "xstest", f"{file}.csv", "--model", model)
    ratings = ("--annotator", "annotation_1=R1", "annotation_2=R2", "--adjudication", "final_label")
    said("import_annotations", "xstest", f"{file}.csv", *BY, *ratings, "--value", *LABELS)
    for verb in ("open_study", "close_study", "release_gold"):
        said(verb, "xstest")
    for judge, suffix in (("gpt4", "gpteval"), ("strmatch", "streval")):
        verdicts = ("--judge", judge, "--verdict", f"{judge}_label", "--value", *LABELS)
        said("import_verdicts", "xstest", f"{file}_{suffix}.csv", *BY, *verdicts)
    return Study.objects.get(slug="xstest")


@pytest.mark.parametrize(
    ("model", "agreement", "judges"),
    [
        (
            "mistralguard",
            ("gave the same answer in 93.8% of all cases", "Fleiss’ κ 0.89 ["),
            {
                "gpt4": ("Accuracy 76.7% [", "Cohen’s κ 0.57 ["),
                "strmatch": ("Accuracy 76.0% [", "Cohen’s κ 0.56 ["),
            },
        ),
        (
            "mistralinstruct",
            ("gave the same answer in 97.6% of all cases", "Fleiss’ κ 0.92 ["),
            {
                "gpt4": (
                    "Unparsed verdicts among them 11 ",
                    "Accuracy 74.0% [",
                    "Cohen’s κ 0.06 [",
                    "With them dropped: Accuracy 75.9% [",
                    "Cohen’s κ 0.08 [",
                ),
                "strmatch": ("Accuracy 85.1% [", "Cohen’s κ 0.25 ["),
            },
        ),
    ],
)
def test_the_pages_show_the_published_figures(
    model: str, agreement: tuple[str, ...], judges: dict[str, tuple[str, ...]], client: Client
) -> None:
    study = study_of(model)
    carol = as_carol(client, study)
    pages = {reverse("coordinate:criterion", args=[study.slug, "refusal"]): agreement}
    for name, figures in judges.items():
        judge = Judge.objects.get(name=name)
        pages[reverse("coordinate:judge", args=[study.slug, judge.pk])] = figures
    for address, figures in pages.items():
        shown = text_of(carol.get(address)).replace("what is this? ", "")
        for figure in figures:
            assert figure in shown
