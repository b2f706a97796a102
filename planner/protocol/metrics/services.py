"""Which service of which region a URL names."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from planner.errors import UsageError

# The end of a Cloud Run URL of the older form.
REGION_CODES = {
    "an": "asia-northeast1",
    "as": "asia-southeast1",
    "de": "asia-east1",
    "df": "asia-east2",
    "dt": "asia-northeast2",
    "du": "asia-northeast3",
    "el": "asia-south1",
    "em": "asia-south2",
    "et": "asia-southeast2",
    "ew": "europe-west1",
    "ey": "europe-west3",
    "ez": "europe-west4",
    "km": "australia-southeast2",
    "lm": "europe-central2",
    "lz": "europe-north1",
    "nn": "northamerica-northeast1",
    "no": "europe-southwest1",
    "nw": "europe-west2",
    "oa": "europe-west6",
    "rj": "southamerica-east1",
    "ts": "australia-southeast1",
    "uc": "us-central1",
    "ue": "us-east1",
    "uk": "us-east4",
    "uw": "us-west1",
    "wl": "us-west2",
    "wm": "us-west3",
    "wn": "us-west4",
}
OLDER = re.compile(r"(?P<service>[a-z][a-z0-9-]*)-[a-z0-9]{10}-(?P<code>[a-z]{2})\.a\.run\.app")
NEWER = re.compile(r"(?P<service>[a-z][a-z0-9-]*)-\d+\.(?P<region>[a-z]+-[a-z]+\d+)\.run\.app")
NAMED = re.compile(r"(?P<region>[a-z][a-z0-9-]*)=(?P<url>https?://.+)")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True, order=True)
class Service:
    """A service in a region. `name` None: every service there."""

    name: str | None
    region: str

    def covers(self, name: str, region: str) -> bool:
        """Whether a service is this one."""
        return region == self.region and self.name in (None, name)


def service_of(url: str) -> Service:
    """Service and region of a URL of either form that Cloud Run gives, or of REGION=URL.

    REGION=URL names the region where the host does not: http://127.0.0.1:PORT/SERVICE of a local region, or a domain of
    one's own. UsageError: neither.
    """
    named = NAMED.fullmatch(url)
    parts = urlsplit(named["url"] if named else url)
    host = parts.hostname or ""
    service = _on_cloud_run(host)
    if named:
        return Service(service.name if service else parts.path.strip("/").partition("/")[0] or None, named["region"])
    if service is None:
        hint = "a loopback URL does not say its region" if host in LOOPBACK else "this is no URL of Cloud Run"
        raise UsageError(f"{url}: {hint}; write REGION={url}")
    return service


def _on_cloud_run(host: str) -> Service | None:
    if newer := NEWER.fullmatch(host):
        return Service(newer["service"], newer["region"])
    older = OLDER.fullmatch(host)
    if older and older["code"] in REGION_CODES:
        return Service(older["service"], REGION_CODES[older["code"]])
    return None
