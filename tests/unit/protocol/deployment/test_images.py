"""No container engine is at hand: the Dockerfile is read, not built."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
FOLDER = ROOT / "deploy" / "gcp"
TARGETS = ("functions", "dispatcher", "runner")


def stages() -> dict[str, list[tuple[str, str]]]:
    """Instructions (name, rest) by stage; lines that go on are joined."""
    text = (FOLDER / "Dockerfile").read_text().replace("\\\n", " ")
    found: dict[str, list[tuple[str, str]]] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            found[rest.rpartition(" AS ")[2]] = []
        found[list(found)[-1]].append((instruction, rest))
    return found


def test_bases_are_pinned_and_alike() -> None:
    sources = {body[0][1].partition(" AS ")[0] for body in stages().values()}
    bases = sources - set(stages())
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases.pop())


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_runs_as_nobody_special(target: str) -> None:
    body = stages()[target]
    names = [instruction for instruction, _ in body]
    assert dict(body)["USER"] == "10001"
    assert names.index("USER") < len(names) - 1
    assert names[-1] in ("CMD", "ENTRYPOINT")
    assert body[-1][1].startswith("[")  # exec form: signals reach the process


def test_what_is_installed_is_locked_with_hashes() -> None:
    installs = [rest for body in stages().values() for name, rest in body if name == "RUN" and "pip install" in rest]
    assert any("--require-hashes --requirement requirements.lock" in rest for rest in installs)
    assert all("--require-hashes" in rest or "--no-deps --no-build-isolation" in rest for rest in installs)


def test_nothing_is_fetched_or_kept_secret_in_an_image() -> None:
    text = (FOLDER / "Dockerfile").read_text()
    assert not re.search(r"^ADD |curl|wget|TOKEN|SECRET|PASSWORD", text, flags=re.MULTILINE)


def test_what_is_copied_is_let_through_and_there() -> None:
    ignored = (FOLDER / "Dockerfile.dockerignore").read_text().split()
    copies = [
        rest.split()[:-1]
        for body in stages().values()
        for name, rest in body
        if name == "COPY" and not rest.startswith("--from")
    ]
    for source in (path.rstrip("/") for paths in copies for path in paths):
        assert f"!{source}" in ignored
        assert source.startswith("protocol-") or (ROOT / source).exists()  # docs/protocol.md makes those


def test_modules_that_are_started_exist() -> None:
    assert ("CMD", '["python", "-m", "planner.protocol.functions.worker"]') in stages()["functions"]
    assert (ROOT / "planner" / "protocol" / "functions" / "worker.py").exists()


def test_every_target_is_built_and_pushed() -> None:
    build = (FOLDER / "cloudbuild.yaml").read_text()
    for target in TARGETS:
        assert f"--target, {target}, --tag" in build
        assert f'- "${{_REGISTRY}}/{target}:${{_TAG}}"' in build
