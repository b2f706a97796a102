"""The data set, made once for all tests of the protocol."""

from pathlib import Path

import pytest

from planner.protocol import dataset


@pytest.fixture(scope="session")
def inputs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the experiment's inputs."""
    folder = tmp_path_factory.mktemp("inputs")
    dataset.generate(folder)
    return folder
