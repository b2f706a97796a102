"""Instances from numbers: the published studies, seeded generator families and recipes over downloaded series."""
