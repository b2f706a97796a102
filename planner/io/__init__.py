"""Domain values to and from files: instances, plans, multipliers and maps."""
