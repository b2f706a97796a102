"""Anchors that a gap is read between; the bound itself is recomputed by `planner.verify`."""
