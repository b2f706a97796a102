"""The experiment on Google Cloud: what is deployed where, and the commands that do it (protocol 5, 10.1)."""
