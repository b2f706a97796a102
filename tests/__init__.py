"""A package, so that no other distribution's `tests` comes first."""
