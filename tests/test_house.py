"""The house: which module may import which, what is at the door, what is heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import analyst

PACKAGE = Path(analyst.__file__).parent

GROUND = {
    "arguments",
    "errors",
    "events",
    "outputs",
    "quoting",
    "run",
    "seams",
    "settings",
    "tokens",
}
ROOMS = {"agent", "data", "kernel", "models", "notebook"}
FLOORS = [GROUND, ROOMS, {"session", "testing"}, {"faces", "__init__", "__main__"}]

ONLY_THERE = {
    "openai": {"models"},
    "jupyter_client": {"kernel"},
    "ipykernel": {"kernel"},
    "nbformat": {"notebook", "session"},
    "nbclient": {"notebook"},
    "nbconvert": {"notebook"},
    "narwhals": {"data"},
    "python_calamine": {"data"},
    "sqlalchemy": {"data"},
}


def module_name(path: Path) -> str:
    """The dotted name of a file of the package."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """All that a file imports, at its top and inside, types included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = imported_module(node, path)
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def imported_module(node: ast.ImportFrom, path: Path) -> str:
    """The module that is imported from; one relative to the file by its full name."""
    if not node.level:
        return node.module or ""
    parts = path.relative_to(PACKAGE.parent).parts[: -node.level]
    return ".".join([*parts, node.module] if node.module else parts)


FILES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room(name: str) -> str:
    """The room of a module: what stands under the package."""
    return [*name.split("."), "__init__"][1]


def floor(name: str) -> int:
    """The floor of a module, the ground being 0."""
    return next(n for n, rooms in enumerate(FLOORS) if room(name) in rooms)


@pytest.mark.parametrize("name", FILES)
def test_imports_point_down(name: str) -> None:
    """A module imports from its own room and from the floors below, nothing else."""
    for imported in imports(FILES[name]) & FILES.keys():
        if imported == "analyst" or room(imported) == room(name):
            continue
        same_floor_allowed = floor(name) in {0, 3}
        assert floor(imported) < floor(name) or (
            same_floor_allowed and floor(imported) == floor(name)
        ), f"{name} imports {imported}"


def test_no_cycles() -> None:
    """The imports have an order: nothing needs itself."""
    graph = {
        name: {i for i in imports(path) & FILES.keys() if i not in {name, "analyst"}}
        for name, path in FILES.items()
    }
    for name, needed in graph.items():
        # A package is what its __init__ says; its own modules may not ask for it.
        needed -= {p for p in needed if name.startswith(p + ".")}
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("name", FILES)
def test_libraries_stay_in_their_rooms(name: str) -> None:
    """A library of the field is known in one room only."""
    for imported in imports(FILES[name]):
        allowed = ONLY_THERE.get(imported.split(".")[0])
        assert allowed is None or room(name) in allowed, f"{name} imports {imported}"


@pytest.mark.parametrize("name", [n for n in FILES if ".inside" in n])
def test_what_runs_inside_the_kernel_needs_nothing_outside(name: str) -> None:
    """The kernel may not have this package, so nothing there asks for it."""
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"), feature_version=(3, 10))
    asked = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    names = {alias.name for node in asked for alias in node.names}
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names |= {node.module or "" for node in froms if not node.level}
    assert not {name for name in names if name.split(".")[0] == "analyst"}
    folder = next(p for p in FILES[name].parents if p.name == "inside")
    for node in froms:
        top = FILES[name].parents[node.level - 1] if node.level else folder
        assert top.is_relative_to(folder)


def test_door() -> None:
    """All that is promised at the door is there, sorted, and can be had."""
    assert analyst.__all__ == sorted(analyst.__all__)
    for name in analyst.__all__:
        assert getattr(analyst, name) is not None


def test_door_is_light() -> None:
    """Importing the package loads neither the model's client nor pandas."""
    code = (
        "import sys, analyst; "
        "heavy = {'openai', 'pandas', 'pydantic', 'rich', 'nbformat', 'IPython'}; "
        "print(sorted(heavy & sys.modules.keys()))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == "[]"


def test_help_is_light() -> None:
    """Asking the command for help loads neither the model's client nor pandas."""
    code = (
        "import sys; sys.argv = ['analyst', '--help']\n"
        "from analyst.faces.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('HEAVY', sorted({'openai', 'pandas', 'nbformat', 'jupyter_client'} "
        "& sys.modules.keys()))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip().endswith("HEAVY []")


@pytest.mark.parametrize("name", FILES)
def test_files_say_what_they_are_for(name: str) -> None:
    """Every file begins by saying what it is for."""
    assert ast.get_docstring(ast.parse(FILES[name].read_text(encoding="utf-8")))
