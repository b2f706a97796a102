"""Servers for a load."""

import numpy as np
import pytest

from planner.domain.servers import servers_needed
from planner.replay.loop import replay
from tests.unit.replay.small import small
from tests.unit.replay.test_loop import Scripted, decision


@pytest.mark.parametrize(
    ("load", "servers"),
    [(0.0, 0), (1e-7, 0), (2e-6, 1), (3e-6, 1), (3600.0, 1), (3600.0 + 3e-6, 1), (3600.1, 2), (7200.0, 2)],
)
def test_the_fewest_whole_servers(load: float, servers: int) -> None:
    assert servers_needed(np.array([load]), np.array([3600.0])).tolist() == [servers]


def test_a_crumb_of_load_alone_in_its_pool_has_a_server() -> None:
    crumb = 1e-6  # of 2 requests: 2e-6 server-seconds
    script = Scripted(lambda _: decision([0, 0], [0, 1], [1 - crumb, crumb]))
    result = replay(small([[100], [100]], [2], servers=np.ones((2, 1)), provisioning=True), script)
    assert result.verdict.violations == ()
    assert result.plan.servers is not None
    assert result.plan.servers.tolist() == [[1], [1]]
