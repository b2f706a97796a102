"""Google Cloud Monitoring on loopback: timeSeries.list of REST v3 in its documented shapes, and a token endpoint."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "token-of-the-fake"  # not a secret: this server makes it
EXPONENTIAL = {"exponentialBuckets": {"numFiniteBuckets": 66, "growthFactor": 1.4, "scale": 1}}


@dataclass
class Fake:
    """What it serves: time series by metric type, one a page; and what it was asked."""

    series: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    assertions: list[str] = field(default_factory=list)
    url: str = ""
    fails_with: int | None = None


def series(service: str, region: str, points: list[tuple[str, Any]], **labels: str) -> dict[str, Any]:
    """A time series; points are (hour of 2026-06-01, value), newest first as the API gives them."""
    return {
        "metric": {"labels": labels, "type": "run.googleapis.com/any"},
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": service, "location": region}},
        "metricKind": "DELTA",
        "points": [
            {
                "interval": {
                    "startTime": f"2026-06-01T{hour}:00:00Z",
                    "endTime": f"2026-06-01T{int(hour) + 1:02}:00:00Z",
                },
                "value": value,
            }
            for hour, value in reversed(points)
        ],
    }


def distribution(values: list[float]) -> dict[str, Any]:
    """A distributionValue with exponential buckets, trailing zeros left out, 64-bit integers as text."""
    counts: list[int] = []
    for value in values:
        bucket = 0
        while 1.4**bucket <= value:
            bucket += 1
        counts += [0] * (bucket + 1 - len(counts))
        counts[bucket] += 1
    mean = sum(values) / len(values)
    return {
        "distributionValue": {
            "count": str(len(values)),
            "mean": mean,
            "sumOfSquaredDeviation": sum((v - mean) ** 2 for v in values),
            "bucketOptions": EXPONENTIAL,
            "bucketCounts": [str(c) for c in counts],
        }
    }


@contextmanager
def serving(fake: Fake) -> Iterator[Fake]:
    """The server, for as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def credentials_file(path: Path, fake: Fake) -> Path:
    """Application default credentials of a service account whose tokens the fake gives."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    account = {
        "type": "service_account",
        "project_id": "fake",
        "private_key": key.private_bytes(*kinds).decode(),
        "client_email": "runner@fake.iam.gserviceaccount.com",
        "token_uri": f"{fake.url}/token",
    }
    path.write_text(json.dumps(account))
    return path


def _handler(fake: Fake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if fake.fails_with:
                self.answer(fake.fails_with, _error(fake.fails_with, "Permission monitoring.timeSeries.list denied"))
            elif self.headers["Authorization"] != f"Bearer {TOKEN}":
                self.answer(401, _error(401, "Request had invalid authentication credentials."))
            else:
                self.answer(*_listed(fake, self.path))

        def do_POST(self) -> None:
            fake.assertions.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.answer(200, {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})

        def answer(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
            pass

    return Handler


def _listed(fake: Fake, path: str) -> tuple[int, dict[str, Any]]:
    parts = urlsplit(path)
    query = parse_qs(parts.query)
    fake.asked.append(query)
    kind, _, rest = query["filter"][0].removeprefix('metric.type="').partition('"')
    if parts.path != "/v3/projects/fake/timeSeries" or rest != ' AND resource.type="cloud_run_revision"':
        return 404, _error(404, f"no such thing: {path}")
    if not all(query.get(f"interval.{end}", [""])[0].endswith("Z") for end in ("startTime", "endTime")):
        return 400, _error(400, "interval must be given")
    found = fake.series.get(kind.removeprefix("run.googleapis.com/"), [])
    page = int(query.get("pageToken", ["0"])[0])
    more = {"nextPageToken": str(page + 1)} if page + 1 < len(found) else {}
    return 200, {"timeSeries": found[page : page + 1], **more} if found else {}


def _error(status: int, message: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "status": "ANY"}}
