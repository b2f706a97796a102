"""Demand that users bring: traces -> requests by the step, or jobs."""
