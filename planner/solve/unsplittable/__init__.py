"""Whole batches at scale: capacity prices, a greedy in regret order, large-neighbourhood search (docs/solver.md)."""
