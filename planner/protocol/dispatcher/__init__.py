"""Scenario C's service: a planner policy decides region and hour of each invocation; a durable queue keeps it."""
