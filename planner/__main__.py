"""`python -m planner` is the command `planner`."""

import sys

from planner.cli.main import command

sys.exit(command())
