import numpy as np

from planner.data.faas import START, protocol_days
from planner.replay.loop import Replay, replay


def test_steps_taken_one_by_one_come_to_the_plan_of_the_replay() -> None:
    instance = protocol_days(START, 1)
    run = Replay(instance, "threshold")
    served = [run.step(period).decision.share.sum() for period in range(instance.periods)]
    plan, whole = run.record.plan(instance), replay(instance, "threshold").plan
    assert sum(served) == whole.share.sum()
    for column in ("batch", "pool", "period", "share"):
        assert np.array_equal(getattr(plan, column), getattr(whole, column))
