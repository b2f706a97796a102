"""Online policies, one family a file: the rules of the literature with their citation and information regime."""
