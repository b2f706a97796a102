"""(M4) across the end of a window: servers that the next period has active and this window's last one has not."""

import numpy as np

from models.draft import Draft
from planner.domain.window import Ends


def hand_over(draft: Draft, ends: Ends) -> None:
    """u[p] >= y[p, next] - y[p, last], y[p, next] given."""
    if ends.next_servers is None or ends.next_startup_price is None:
        return
    pools = np.arange(len(ends.next_servers))
    last = draft.numbers["y"].reshape(len(pools), -1)[:, -1]
    started = draft.add_columns("u_next", ends.next_servers, price=np.maximum(ends.next_startup_price, 0.0))
    draft.add_rows(
        "M4_next",
        np.concatenate([pools, pools]),
        np.concatenate([started, last]),
        np.ones(2 * len(pools)),
        lower=ends.next_servers,
    )
