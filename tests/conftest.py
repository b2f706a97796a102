"""What all tests share: a Hypothesis profile, the command line in this process, a problem solved by eye, real data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from planner.cli.main import main
from planner.domain.instance import CarbonKind, Instance, Pool, Profile, Region, Variant, Workload
from planner.io.instances import save_instance
from tests.browser import chromium  # noqa: F401 - a fixture for all

ROOT = Path(__file__).parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"

# No test depends on how fast the machine is. The gate asks the same examples each time; `make test-all` asks new ones.
settings.register_profile("planner", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("planner")


@dataclass(frozen=True)
class Ran:
    """What a command gave: exit code, stdout and stderr."""

    code: int
    out: str
    err: str


@pytest.fixture
def planner(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """`planner("solve", path, "--json")`: a command run in this process."""

    def run(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        code = main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def two_hours() -> Instance:
    """1,000 requests of 3.6 kJ (1 Wh) at hour 0 may wait an hour; the grid falls from 500 to 100 g/kWh: 0.1 kg."""
    return Instance(
        name="two-hours",
        start=datetime(2026, 1, 1, tzinfo=UTC),
        step_minutes=60,
        regions=(Region("here", "HERE"),),
        pools=(Pool("here", "here", "cpu"),),
        origins=("home",),
        workloads=(Workload("work", (Variant("only", {"cpu": Profile(10, 0, 1, 3600)}),), slack_periods=1),),
        carbon_intensity_g_per_kwh=np.array([[500.0, 100.0]]),
        carbon_kind=CarbonKind(),
        rtt_ms=np.array([[5.0]]),
        requests=np.array([[[1000, 0]]]),
        servers=np.array([[1.0, 1.0]]),
    )


@pytest.fixture
def two_hours_file(two_hours: Instance, tmp_path: Path) -> Path:
    """`two_hours` as a file."""
    path = tmp_path / "two-hours.json"
    save_instance(two_hours, path)
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real series; a test that asks for it is skipped where the folder is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real series (../shared/data) are not here")
    return SHARED_DATA
