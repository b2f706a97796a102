"""Pyomo model -> sparse matrix -> HiGHS; the only importer of highspy."""
