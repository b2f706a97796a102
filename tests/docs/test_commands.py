"""Whatever the documentation tells a reader to run does run, and prints what stands below it.

A document is run from top to bottom in a folder that looks like a checkout. `...` in shown output stands for anything.
`$ echo $?` after a command shows its exit code, which otherwise is 0.
"""

import io
import shlex
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path
from typing import Any

import pytest

from planner.cli.main import main
from tests.docs.documents import ROOT, Block, Command, blocks, commands, documents_with

DOWNLOADS = "downloads"  # where the documents say that the real series lie


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory like a checkout, to write into."""
    (tmp_path / "solutions").symlink_to(ROOT / "solutions")
    (tmp_path / "docs" / "images").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize("document", documents_with("quick"))
def test_a_reader_can_follow(document: str, checkout: Path) -> None:
    run(document, "quick")


@pytest.mark.slow
@pytest.mark.parametrize("document", documents_with("slow"))
def test_a_patient_reader_can_follow(document: str, checkout: Path) -> None:
    run(document, "slow")


@pytest.mark.parametrize("document", documents_with("data"))
def test_a_reader_with_the_real_series_can_follow(document: str, checkout: Path, shared_data: Path) -> None:
    (checkout / DOWNLOADS).symlink_to(shared_data)
    run(document, "data")


@pytest.mark.slow
def test_make_solve_does_what_it_says(checkout: Path) -> None:
    (checkout / "out").mkdir()
    recipe = subprocess.run(["make", "-n", "-C", ROOT, "solve"], capture_output=True, text=True, check=True).stdout
    lines = [line.partition("/planner ")[2] for line in recipe.splitlines() if "/planner " in line]
    assert len(lines) == 3
    for line in lines:
        assert main(shlex.split(line)) == 0
    assert {path.name for path in (checkout / "out").iterdir()} >= {"plan.json", "map.csv", "map.png"}


def run(document: str, kind: str) -> None:
    """Run the blocks of one kind; a Python block prints what the text block after it holds."""
    names: dict[str, Any] = {"__name__": "documentation"}
    mine = [block for block in blocks(document) if block.kind == kind]
    for block, following in zip(mine, [*mine[1:], None], strict=True):
        if block.file:
            Path(block.file).write_text(block.body, encoding="utf-8")
        elif block.language == "console":
            type_in(block)
        elif block.language == "python":
            shown = following.body if following and following.language == "text" else ""
            same(block.place, shown, printed_by(block, names))


def type_in(block: Block) -> None:
    """Run a block's commands one after the other."""
    code = 0
    listed = list(commands(block))
    for command, following in zip(listed, [*listed[1:], None], strict=True):
        if command.line == "echo $?":
            same(command.place, command.shown, f"{code}\n")
            continue
        code, output = outcome(command)
        same(command.place, command.shown, output)
        if following is None or following.line != "echo $?":
            assert code == 0, f"{command.place}: exit code {code}\n{output}"


def outcome(command: Command) -> tuple[int, str]:
    """Exit code and all that a terminal would show; of `make` only whether it knows the target."""
    program, *arguments = shlex.split(command.line)
    if program == "make":
        done = subprocess.run(["make", "-n", "-C", ROOT, *arguments], capture_output=True, text=True, check=False)
        return done.returncode, ""
    assert program == "planner", f"{command.place}: only planner and make are run"
    screen = io.StringIO()
    with redirect_stdout(screen), redirect_stderr(screen):
        return main(arguments), screen.getvalue()


def printed_by(block: Block, names: dict[str, Any]) -> str:
    """What a Python block prints."""
    screen = io.StringIO()
    with redirect_stdout(screen):
        exec(compile(block.body, block.place, "exec"), names)
    return screen.getvalue()


def same(place: str, shown: str, output: str) -> None:
    """Compare, where a document shows anything."""
    alike = not shown.strip() or OutputChecker().check_output(shown, output, ELLIPSIS | NORMALIZE_WHITESPACE)
    assert alike, f"{place} shows\n{shown}\nbut it prints\n{output}"
