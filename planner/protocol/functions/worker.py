"""One instance of the functions: `python -m planner.protocol.functions.worker`, in a container or supervised."""

import os
import sys
from collections.abc import Sequence

from planner.protocol.functions.app import create_app
from planner.protocol.functions.serving import serve
from planner.protocol.functions.settings import from_environment
from planner.protocol.functions.traffic import Traffic
from planner.protocol.log import LineLog

SUPERVISED = "--supervised"


def main(arguments: Sequence[str]) -> None:
    """Serve on $PORT, all interfaces; with --supervised on any free port of loopback, told on stdout."""
    traffic, supervised = Traffic(), SUPERVISED in arguments
    settings = from_environment()
    app = create_app(settings, traffic, LineLog(settings.log), supervised=supervised)
    # A container is reached from outside; a worker by its supervisor alone.
    host, port = ("127.0.0.1", 0) if supervised else ("0.0.0.0", int(os.environ.get("PORT", "8080")))  # noqa: S104
    serve(app, traffic, host=host, port=port, supervised=supervised)


if __name__ == "__main__":
    main(sys.argv[1:])
