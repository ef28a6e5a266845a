"""Takes the pictures in docs/img anew from the demo; with --all FOLDER every page, two widths, light and dark."""

import argparse
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "img"
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]


@dataclass(frozen=True)
class Shot:
    """A page of the demo: who looks at it, where, and whether they start working."""

    name: str
    role: str
    path: str
    start: bool = False  # go on from there to the first item
    rated: bool = False  # and from there to a long English response that was rated before
    under: str = ""  # and from there to this page of the same study
    click: str = ""  # and there, press this
    does: Callable[[Page], None] | None = None  # and there, these steps
    unblinded: bool = False  # once the closed study is unblinded, which can't be undone


def bring_in_verdicts(page: Page) -> None:
    """From the page that takes a file of verdicts to the one that asks what its columns and labels mean."""
    page.fill("input[name=name]", "Ibis judge (fictional) 0.1")
    page.select_option("select[name=criterion]", "refusal")
    page.set_input_files("input[type=file]", ROOT / "fixtures/demo/verdicts.csv")
    page.click("main form button")
    page.select_option("select[name=verdict]", "refusal")
    page.get_by_role("button", name="Look again").click()
    page.wait_for_load_state("networkidle")


def import_verdicts(page: Page) -> None:
    """And from there to what became of them."""
    bring_in_verdicts(page)
    page.get_by_role("button", name="Start the import").click()
    page.locator("#job:not([hx-get])").wait_for(timeout=60_000)


DRAFT = (
    [
        *("create_study", "draft", "--title", "Demo, draft: nothing is rated yet (synthetic)"),
        *("--rubric", "fixtures/rubric.yaml", "--coordinator", "Demo coordinator:coordinator@example.org"),
    ],
    ["import_run", "draft", "fixtures/demo/run-aster-1.csv", "--model", "Aster-1"],
    ["import_run", "draft", "fixtures/demo/run-dunlin.csv", "--model", "Dunlin"],
)
COORDINATOR_PAGES = {
    "study": "",
    "people": "people/",
    "runs": "runs/",
    "sample": "sample/",
    "readiness": "readiness/",
    "progress": "progress/",
    "agreement": "agreement/",
    "adjudication": "adjudication/",
    "settled": "adjudication/settled/",
    "discussions": "adjudication/notes/",
    "gold": "gold/",
    "judges": "judges/",
    "verdicts": "judges/verdicts/",
    "findings": "findings/",
    "exports": "exports/",
    "masking": "masking/",
    "guesses": "guesses/",
    "log": "log/",
    "settings": "settings/",
}
UNBLINDED_PAGES = {"study": "", "findings": "findings/", "judge": "judges/2/", "exports": "exports/"}
SHOTS = [
    Shot("sign-in", "", "/sign-in/"),
    Shot("annotate-home", "annotator", "/"),
    Shot("annotate", "annotator", "/", start=True),
    Shot("rated", "annotator", "/", start=True, rated=True),
    Shot("own-welcome", "annotator", "/", start=True, under="."),
    Shot("discussed", "annotator", "/", start=True, under=".", click=".discussed a"),
    Shot("training", "annotator", "/", start=True, under="training/"),
    Shot("own-ratings", "annotator", "/", start=True, under="ratings/"),
    Shot("own-filtered", "annotator", "/", start=True, under="ratings/?state=skipped&words=zebra"),
    Shot("own-settings", "annotator", "/", start=True, under="settings/"),
    Shot("definitions", "annotator", "/", start=True, click="[data-dialog=definitions]"),
    Shot("studies", "coordinator", "/studies/"),
    *(Shot(name, "coordinator", f"/studies/demo-closed/{path}") for name, path in COORDINATOR_PAGES.items()),
    *(
        Shot(f"open-{name}", "coordinator", f"/studies/demo/{path}")
        for name, path in COORDINATOR_PAGES.items()
    ),
    Shot("criterion", "coordinator", "/studies/demo/agreement/helpfulness/"),
    Shot("criterion-refusal", "coordinator", "/studies/demo-closed/agreement/refusal/"),
    Shot("criterion-sets", "coordinator", "/studies/demo-closed/agreement/rules/"),
    Shot("disagreements", "coordinator", "/studies/demo-closed/disagreements/"),
    Shot("divided", "coordinator", "/studies/demo-closed/disagreements/helpfulness/"),
    Shot("release", "coordinator", "/studies/demo-closed/gold/1/"),
    Shot("model", "coordinator", "/studies/demo-closed/gold/1/model/helpfulness/"),
    Shot("judge", "coordinator", "/studies/demo-closed/judges/2/"),
    Shot("judge-errors", "coordinator", "/studies/demo-closed/judges/2/errors/helpfulness/"),
    Shot("judge-scores", "coordinator", "/studies/demo-closed/judges/2/scores/refusal/"),
    Shot("verdict-columns", "coordinator", "/studies/demo-closed/judges/verdicts/", does=bring_in_verdicts),
    Shot("verdict-outcome", "coordinator", "/studies/demo-closed/judges/verdicts/", does=import_verdicts),
    Shot("draft-study", "coordinator", "/studies/draft/"),
    Shot("draft-runs", "coordinator", "/studies/draft/runs/"),
    Shot("draft-sample", "coordinator", "/studies/draft/sample/"),
    *(
        Shot(f"unblinded-{name}", "coordinator", f"/studies/demo-closed/{path}", unblinded=True)
        for name, path in UNBLINDED_PAGES.items()
    ),
    Shot("methods", "coordinator", "/methods/"),
    Shot("adjudicate-home", "adjudicator", "/"),
    Shot("adjudicate", "adjudicator", "/", start=True),
    Shot("adjudicate-list", "adjudicator", "/", start=True, under="."),
    Shot("adjudicate-second", "adjudicator", "/", start=True, under=".", click=".sheet-list a"),
    Shot("adjudicate-settled", "adjudicator", "/", start=True, under="settled/"),
]
README_SHOTS = [("rated", 1280, "light"), ("open-study", 1280, "light")]


@contextlib.contextmanager
def demo_site(*, draft: bool) -> Iterator[tuple[str, Callable[..., None]]]:
    """The demo, served from a folder of its own, perhaps with a draft study: its address, and manage.py for it."""
    with tempfile.TemporaryDirectory() as var, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
        probe.close()
        environment = {**os.environ, "VAR_DIR": var}
        environment.pop("DATABASE_URL", None)

        def manage(*command: str) -> None:
            run = [sys.executable, "manage.py", *command]
            subprocess.run(run, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)

        for command in (["migrate", "--verbosity", "0"], ["demo"], *(DRAFT if draft else ())):
            manage(*command)
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--bind", bind],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for(f"http://{bind}/sign-in/")
            yield f"http://{bind}", manage
        finally:
            server.terminate()
            server.wait()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(address, timeout=2)
            return
        time.sleep(0.2)
    raise SystemExit("The demo did not start.")


def sign_in(page: Page, site: str, role: str) -> None:
    """Sign in as the demo's first person of a role."""
    said = yaml.safe_load((ROOT / "fixtures/demo/study.yaml").read_text("utf-8"))
    email = next(one["email"] for one in said["people"] if one["role"] == role)
    page.goto(f"{site}/sign-in/")
    page.fill("input[name=username]", email)
    page.fill("input[name=password]", said["password"])
    page.click("main form button")
    page.wait_for_load_state("networkidle")


def take(browser: Browser, site: str, shots: list[Shot], folder: Path, *, width: int, scheme: Scheme) -> None:
    """Take pictures at one width in one colour scheme."""
    size = {"width": width, "height": 900 if width > 600 else 844}
    for role in dict.fromkeys(shot.role for shot in shots):
        context = browser.new_context(
            viewport=size, color_scheme=scheme, device_scale_factor=1, locale="en-GB"
        )
        page = context.new_page()
        if role:
            sign_in(page, site, role)
        for shot in (one for one in shots if one.role == role):
            page.goto(site + shot.path)
            page.wait_for_load_state("networkidle")
            if shot.start:
                _start(page)
            if shot.rated:
                _open_rated(page, site)
            if shot.under:
                page.goto(page.url.rsplit("/", 2)[0] + "/" + shot.under)
                page.wait_for_load_state("networkidle")
            if shot.click and page.locator(shot.click).first.is_visible():
                page.locator(shot.click).first.click()
                page.wait_for_load_state("networkidle")
            if shot.does:
                shot.does(page)
            whole = shot.name not in ("annotate", "rated", "definitions")
            page.screenshot(path=folder / f"{shot.name}-{width}-{scheme}.png", full_page=whole)
        context.close()


def take_all(browser: Browser, site: str, shots: list[Shot], folder: Path) -> None:
    """Take pictures at both widths, light and dark."""
    for width in (1280, 390):
        for scheme in SCHEMES:
            take(browser, site, shots, folder, width=width, scheme=scheme)


def _start(page: Page) -> None:
    """From an annotator's home to an item: read the notice where there is one, then start."""
    for _ in range(4):
        if page.locator("form fieldset").count():
            return
        page.locator("main a.button, main form.actions button").first.click()
        page.wait_for_load_state("networkidle")


def _open_rated(page: Page, site: str) -> None:
    """The person's first rated item whose response is long enough to fill the picture."""
    page.goto(page.url.rsplit("/", 2)[0] + "/ratings/")
    page.wait_for_load_state("networkidle")
    links = page.locator("main a[dir=auto]").evaluate_all("all => all.map(link => link.getAttribute('href'))")
    for link in links:
        page.goto(site + link)
        text = page.locator(".prose.reading")
        if (
            text.count()
            and " the " in text.inner_text()
            and len(text.inner_text()) > 1200
            and page.locator("input:checked").count() > 6
        ):
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--all", metavar="FOLDER", type=Path, help="every page at 1280 and 390 px, light and dark"
    )
    parser.add_argument("--only", metavar="NAME", nargs="*", default=[], help="with --all: these pages alone")
    chosen = parser.parse_args()
    shots = [one for one in SHOTS if not chosen.only or one.name in chosen.only]
    with demo_site(draft=bool(chosen.all)) as (site, manage), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        if chosen.all:
            chosen.all.mkdir(parents=True, exist_ok=True)
            take_all(browser, site, [one for one in shots if not one.unblinded], chosen.all)
            if last := [one for one in shots if one.unblinded]:
                manage("unblind_study", "demo-closed", "--reason", "For the pictures.")
                take_all(browser, site, last, chosen.all)
        else:
            IMAGES.mkdir(exist_ok=True)
            for name, width, scheme in README_SHOTS:
                take(
                    browser,
                    site,
                    [one for one in SHOTS if one.name == name],
                    IMAGES,
                    width=width,
                    scheme=scheme,
                )
        browser.close()


if __name__ == "__main__":
    main()
