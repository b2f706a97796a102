import subprocess
import sys

import planner


def test_every_public_name_loads() -> None:
    assert all(getattr(planner, name) is not None for name in planner.__all__)


def test_no_public_name_is_hidden_by_a_package() -> None:
    # A process of its own, where nothing is imported: a package of the same name would take over after the first use.
    code = (
        "import planner; i = planner.load_instance('tiny/waiting')\n"
        "print([planner.solve_instance(i).objective.total for _ in range(2)])\n"
        "print([planner.replay_policy(i, 'greedy').verdict.objective.total for _ in range(2)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[2.0, 2.0]", "[3.0, 3.0]"]
