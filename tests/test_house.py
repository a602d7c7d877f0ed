"""The house: rules of form that hold over every file; law: a rule that matters is a test, not a habit."""

import ast
import importlib.metadata
import re
import resource
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_STATEMENTS, MAX_ARGUMENTS, MAX_METHODS = 400, 60, 40, 6, 15
ROOMS_WITHOUT_MEANING = {"base", "common", "core", "helpers", "misc", "utils"}
FOREIGN = ("dvc", "great_expectations", "prefect", "sklearn")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def committed_files() -> list[Path]:
    """What git would commit: tracked files and new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted({path for name in listed.split("\0") if name and (path := ROOT / name).is_file()})


FILES = committed_files()
SOURCES = [path for path in FILES if path.suffix == ".py"]
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
CODE = {path: tree for path, tree in TREES.items() if path.relative_to(ROOT).parts[0] in {"bakeoff", "flows", "tasks"}}


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions() -> Iterator[tuple[Path, Function]]:
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield path, node


def argument_count(node: Function) -> int:
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return len([a for a in named if a.arg not in {"self", "cls"}])


def test_files_are_short() -> None:
    long = {short(path): lines for path in SOURCES if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_FILE_LINES}
    assert not long, f"over {MAX_FILE_LINES} lines: {long}"


def test_functions_are_short() -> None:
    found = []
    for path, node in functions():
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        statements = sum(isinstance(child, ast.stmt) for child in ast.walk(node)) - 1
        if lines > MAX_FUNCTION_LINES or statements > MAX_STATEMENTS:
            found.append(f"{short(path)}:{node.lineno} {node.name}: {lines} lines, {statements} statements")
    assert not found, "\n".join(found)


def test_functions_take_few_arguments() -> None:
    found = [
        f"{short(path)}:{node.lineno} {node.name}: {argument_count(node)} arguments"
        for path, node in functions()
        if argument_count(node) > MAX_ARGUMENTS and not (node.name == "fit" and short(path).startswith("bakeoff/"))
    ]
    assert not found, "\n".join(found)


def test_classes_have_few_methods() -> None:
    found = [
        f"{short(path)}:{node.lineno} {node.name}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and sum(isinstance(item, Function) for item in node.body) > MAX_METHODS
    ]
    assert not found, f"over {MAX_METHODS} methods: {found}"


def passes_on(handler: ast.ExceptHandler) -> bool:
    """Whether it tidies up and raises again what it caught."""
    return isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None


def test_one_place_catches_everything() -> None:
    found = [
        short(path)
        for path, tree in CODE.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and not passes_on(node)
        and (node.type is None or {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} & {"Exception", "BaseException"})
    ]
    assert found == ["bakeoff/runs/attempt.py"]


def test_flows_and_tasks_define_no_class() -> None:
    found = [
        f"{short(path)}:{node.lineno}"
        for path, tree in CODE.items()
        if path.relative_to(ROOT).parts[0] in {"flows", "tasks"}
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    assert not found, f"a class defined here does not unpickle elsewhere: {found}"


def test_flows_and_tasks_are_packages() -> None:
    assert all((ROOT / folder / "__init__.py").is_file() for folder in ("flows", "tasks"))


def test_rooms_have_meaning() -> None:
    found = [short(path) for path in SOURCES if ROOMS_WITHOUT_MEANING & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}]
    assert not found


def test_every_module_says_what_it_is_for() -> None:
    silent = [short(path) for path, tree in CODE.items() if not ast.get_docstring(tree)]
    assert not silent, f"no module docstring: {silent}"


def declared_names(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and [t.id for t in node.targets if isinstance(t, ast.Name)] == ["__all__"]:
            return list(ast.literal_eval(node.value))
    return None


def defined_names(tree: ast.Module) -> set[str]:
    """What a module has at run time: the else of an `if TYPE_CHECKING` too."""
    names: set[str] = set()
    otherwise = [node for branch in tree.body if isinstance(branch, ast.If) for node in branch.orelse]
    for node in [*tree.body, *otherwise]:
        if isinstance(node, Function | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names


@pytest.mark.parametrize("path", CODE, ids=short)
def test_all_is_there_and_true(path: Path) -> None:
    """That it is sorted is ruff's to say (RUF022)."""
    tree = CODE[path]
    declared = declared_names(tree)
    if declared is None:
        public = [n.name for n in tree.body if isinstance(n, Function | ast.ClassDef) and not n.name.startswith("_")]
        assert not public, "a module that defines something has __all__"
        return
    assert len(declared) == len(set(declared))
    assert "__getattr__" in defined_names(tree) or not set(declared) - defined_names(tree), "__all__ names what is not here"


def test_the_package_gives_what_it_lists() -> None:
    import bakeoff

    assert all(getattr(bakeoff, name) is not None for name in bakeoff.__all__)
    assert set(bakeoff.__all__) <= set(dir(bakeoff))


def imported_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys; print(*sorted({{m.partition('.')[0] for m in sys.modules}}))"
    return set(subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize("statement", ["import bakeoff", "import bakeoff.cli.main", "import bakeoff.params", "import bakeoff.errors"])
def test_a_light_import_stays_light(statement: str) -> None:
    assert not imported_by(statement) & {*FOREIGN, "catboost", "lightgbm", "optuna", "pandas", "xgboost"}


def test_listing_the_algorithms_imports_none_of_their_libraries() -> None:
    assert not imported_by("from bakeoff.algorithms import ALGORITHMS") & {"catboost", "lightgbm", "optuna", "sklearn", "xgboost"}


def seconds(arguments: list[str]) -> float:
    """CPU seconds, the median of five runs, less what starting Python costs here and now: what runs beside adds nothing to them."""

    def once(words: list[str]) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return statistics.median(once(arguments) - once(["-c", ""]) for _ in range(5))


def test_importing_is_fast() -> None:
    assert seconds(["-c", "import bakeoff"]) < 0.3


def test_help_is_fast() -> None:
    assert seconds(["-m", "bakeoff", "--help"]) < 0.5


def test_the_library_never_imports_the_flows_libraries() -> None:
    found = [
        f"{short(path)}:{node.lineno}"
        for path, tree in CODE.items()
        if short(path).startswith("bakeoff/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""])
        if name.partition(".")[0] in {"dvc", "great_expectations", "prefect", "flows", "tasks"}
    ]
    assert not found


@pytest.mark.parametrize("folder", ["algorithms", "features"])
def test_registries_are_complete(folder: str) -> None:
    if folder == "algorithms":
        from bakeoff.algorithms import ALGORITHMS as CARDS
    else:
        from bakeoff.features import FEATURIZERS as CARDS
    names = [card.name for card in CARDS]
    assert len(names) == len(set(names))
    files = {path.stem for path, tree in CODE.items() if path.parent == ROOT / "bakeoff" / folder and "CARD" in defined_names(tree)}
    assert set(names) == files, "registry key = file name, and every file that defines CARD is in the registry"


def test_no_machine_path_and_no_registry_host_is_committed() -> None:
    hosts = "|".join(("pypi" + r"\.org", "python" + r"hosted\.org", "--index" + "-url", "--find" + "-links", "anaconda" + r"\.org"))
    places = "|".join(("/ho" + r"me/\w", "/Us" + r"ers/\w", "/wo" + r"rk/\w", "/ro" + r"ot/", re.escape(str(ROOT)) + "/"))
    forbidden = re.compile(f"{hosts}|{places}")
    found = []
    for path in FILES:
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1):
            if forbidden.search(line):
                found.append(f"{short(path)}:{number}: {line.strip()[:120]}")
    assert not found, "\n".join(found)


def locked_versions() -> dict[str, list[str]]:
    versions: dict[str, list[str]] = {}
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", line):
            versions.setdefault(canonicalize_name(found[1]), []).append(found[2])
    return versions


def declared_requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lists = [
        project["build-system"]["requires"],
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    return [requirement for words in lists for word in words if (requirement := Requirement(word)).name != "bakeoff"]


@pytest.mark.parametrize("requirement", declared_requirements(), ids=str)
def test_the_lock_satisfies_pyproject(requirement: Requirement) -> None:
    versions = locked_versions().get(canonicalize_name(requirement.name), [])
    assert versions, f"{requirement.name} is not in requirements.lock"
    assert all(requirement.specifier.contains(version) for version in versions)


def test_every_locked_version_has_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9._-]+(?:\[[^]]*\])?==)", text, flags=re.MULTILINE)
    unhashed = [block.splitlines()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block]
    assert not unhashed


def test_the_tests_run_with_what_is_locked() -> None:
    locked = locked_versions()
    for name in ("scikit-learn", "pandas", "pydantic", "pytest"):
        assert importlib.metadata.version(name) in locked[name]


def test_the_pins_for_prefect_are_tried_without_when_prefect_moves() -> None:
    assert importlib.metadata.version("prefect").startswith("3.8."), (
        "fastapi<0.151 and sqlalchemy<2.1 in pyproject.toml are there for Prefect 3.8: take them out, run make test-roads (prefect "
        "deploy and the schedule tell), and bound them for the new version only if it still needs them"
    )
