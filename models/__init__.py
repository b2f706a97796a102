"""Pyomo formulations of instances/MODEL.md: `terms/` holds a constraint family a file, `formulations` lists of them."""
