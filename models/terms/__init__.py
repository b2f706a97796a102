"""One constraint family a file; each function adds its rows to a draft and cites the rule it implements."""
