"""The shape of the house: what each module says of itself, how long it may grow, what may be named where.

Who may import whom is import-linter's business (`make lint`).
"""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 300
ENVIRONMENT = re.compile(r"""\benv\.\w+\(\s*["']([A-Z_]+)["']""")
# In pieces, so that this file is not one of those it looks for.
INDEXES = [first + last for first, last in (("pypi", ".org"), ("pythonhosted", ".org"), ("npmjs", ".org"))]
INDEXES += ["--" + option for option in ("index-url", "extra-index-url", "find-links", "trusted-host")]


@cache
def tracked() -> tuple[Path, ...]:
    """The files of the repository that are there, relative to its root."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("this is no git checkout, so there is no list of its files")
    return tuple(Path(name) for name in done.stdout.split("\0") if name and (ROOT / name).is_file())


def modules(*rooms: str) -> list[Path]:
    """The Python modules of these rooms (all of them where none is named), generated migrations apart."""
    found = [path for path in tracked() if path.suffix == ".py" and "migrations" not in path.parts]
    return [path for path in found if not rooms or path.parts[0] in rooms]


def text_of(path: Path) -> str:
    return (ROOT / path).read_text("utf-8")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path), filename=str(path))


def test_every_module_says_in_its_first_line_what_it_is_for() -> None:
    silent = []
    for path in modules():
        words = text_of(path)
        said = (ast.get_docstring(tree_of(path)) or "").partition("\n")[0]
        if words and not (said and words.startswith(('"""', "#!")) and said.endswith((".", ":", "?"))):
            silent.append(str(path))
    assert silent == []


def test_nothing_is_imported_inside_a_function() -> None:
    late = []
    for path in modules():
        for function in ast.walk(tree_of(path)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                inside = [one for one in ast.walk(function) if isinstance(one, ast.Import | ast.ImportFrom)]
                late += [f"{path}:{one.lineno}" for one in inside]
    assert late == []


def test_no_module_grows_beyond_three_hundred_lines() -> None:
    lengths = {str(path): len(text_of(path).splitlines()) for path in modules("ihlannotate")}
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_every_setting_is_an_environment_variable_that_the_operations_guide_explains() -> None:
    settings = set(ENVIRONMENT.findall(text_of(Path("ihlannotate/settings.py"))))
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", text_of(Path("docs/operations.md")), re.MULTILINE))
    assert len(settings) > 10
    assert explained == settings


def test_the_environment_is_read_in_the_settings_alone() -> None:
    elsewhere = [
        str(path)
        for path in modules("ihlannotate")
        if path.name not in ("settings.py", "wsgi.py")
        and re.search(r"os\.environ|getenv|environ\.", text_of(path))
    ]
    assert elsewhere == []


def test_no_file_names_a_package_index() -> None:
    pattern = re.compile("|".join(map(re.escape, INDEXES)))
    naming = []
    for path in tracked():
        content = (ROOT / path).read_bytes().decode("utf-8", errors="ignore")
        if pattern.search(content):
            naming.append(str(path))
    assert naming == []


def test_no_file_names_the_folder_it_lies_in() -> None:
    here = str(ROOT).encode()
    assert [str(path) for path in tracked() if here in (ROOT / path).read_bytes()] == []


def test_classes_of_models_are_not_offered_by_the_package() -> None:
    """A class imported there would slip past the rule on who may know where a response came from."""
    tree = tree_of(Path("ihlannotate/models/__init__.py"))
    names = [alias.name for one in tree.body if isinstance(one, ast.ImportFrom) for alias in one.names]
    assert names
    assert all(Path(ROOT / "ihlannotate" / "models" / f"{name}.py").is_file() for name in names)


def test_relations_into_the_secret_room_cannot_be_followed_back() -> None:
    calls = [
        one
        for one in ast.walk(tree_of(Path("ihlannotate/models/provenance.py")))
        if isinstance(one, ast.Call)
    ]
    relations = [
        one for one in calls if ast.unparse(one.func) in ("models.ForeignKey", "models.OneToOneField")
    ]
    names = [key.value for one in relations for key in one.keywords if key.arg == "related_name"]
    assert len(names) == len(relations) > 0
    assert {ast.literal_eval(name) for name in names} == {"+"}
