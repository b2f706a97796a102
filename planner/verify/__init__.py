"""The independent judge of any plan: broken rules, exact objective, recomputed bound, all from the raw instance."""
