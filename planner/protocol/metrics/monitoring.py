"""The metrics of a scenario from Google Cloud Monitoring: REST v3, projects.timeSeries.list."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from planner.errors import InvalidInput, MissingExtra, NetworkError
from planner.io.clock import format_utc, parse_utc
from planner.protocol.metrics.latency import Distribution
from planner.protocol.metrics.scenario import HourOfRegion, ScenarioMetrics, ServiceMetrics
from planner.protocol.metrics.services import Service

if TYPE_CHECKING:
    import httpx

ENDPOINT = "https://monitoring.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/monitoring.read"
PREFIX = "run.googleapis.com/"
STATUS = "response_code"
REQUESTS, LATENCIES = "request_count", "request_latencies"
CPU, MEMORY = "container/cpu/utilizations", "container/memory/utilizations"
BILLABLE = "container/billable_instance_time"
SENT, RECEIVED = "container/network/sent_bytes_count", "container/network/received_bytes_count"
PAGE_SIZE = 1000
HOUR_S = 3600
NEEDS = "Cloud Monitoring needs planner[serve]: pip install 'planner[serve]'"

Point = tuple[str, Any]  # the hour (UTC, its start) and the value as the API gives it


@dataclass(frozen=True, slots=True)
class Series:
    """Hourly points of one metric of one service; `status` where the metric is split by it."""

    service: str
    region: str
    status: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Buckets:
    """Hourly distributions put together."""

    count: int = 0
    mean: float = 0.0
    bounds: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()

    def plus(self, value: Mapping[str, Any]) -> "Buckets":
        """With a distributionValue of the API added. InvalidInput: its buckets are others."""
        count = int(value.get("count", 0))
        if not count:
            return self
        bounds = tuple(_bounds(value["bucketOptions"]))
        if self.count and bounds != self.bounds:
            raise InvalidInput("bucketOptions", "other buckets than in the hour before", "the same", "Cloud Monitoring")
        counts = [int(c) for c in value.get("bucketCounts", ())]
        counts += [0] * (len(bounds) + 1 - len(counts))  # trailing zeros may be left out
        before = self.counts or (0,) * len(counts)
        mean = (self.count * self.mean + count * float(value.get("mean", 0.0))) / (self.count + count)
        return Buckets(self.count + count, mean, bounds, tuple(a + b for a, b in zip(before, counts, strict=True)))


class Monitoring:
    """Reads time series of one project; `token` gives an access token for each request."""

    def __init__(
        self, project: str, client: "httpx.Client", *, token: Callable[[], str], endpoint: str = ENDPOINT
    ) -> None:
        self._url = f"{endpoint.rstrip('/')}/v3/projects/{project}/timeSeries"
        self._client, self._token = client, token

    def hourly(self, metric: str, window: tuple[datetime, datetime], *, by: tuple[str, ...] = ()) -> Iterator[Series]:
        """A metric of Cloud Run by service, region and hour, and by labels of the metric. NetworkError: no answer."""
        query = _query(metric, window, by)
        while True:
            page = self._page(query)
            yield from map(_series, page.get("timeSeries", ()))
            if not page.get("nextPageToken"):
                return
            query["pageToken"] = page["nextPageToken"]

    def _page(self, query: Mapping[str, Any]) -> Any:
        import httpx

        try:
            answer = self._client.get(self._url, params=query, headers={"Authorization": f"Bearer {self._token()}"})
            answer.raise_for_status()
            return answer.json()
        except httpx.HTTPStatusError as error:
            raise NetworkError(f"Cloud Monitoring answered {answer.status_code}: {_said(answer)}") from error
        except (httpx.HTTPError, ValueError) as error:
            raise NetworkError(f"Cloud Monitoring: {error}") from error


def metrics_of_project(
    monitoring: Monitoring,
    scenario: str,
    window: tuple[datetime, datetime],
    *,
    services: Sequence[Service] = (),
    experiment_id: str = "",
) -> ScenarioMetrics:
    """All metrics of one scenario, whose project holds nothing else (protocol 5.1); no single executions."""

    def read(metric: str, *by: str) -> list[Series]:
        return [s for s in monitoring.hourly(metric, window, by=by) if _wanted(s, services)]

    latencies = read(LATENCIES)
    of_metric = {metric: read(metric) for metric in (CPU, MEMORY, BILLABLE, SENT, RECEIVED)}
    requests = read(REQUESTS, STATUS)
    keys = sorted({(s.service, s.region) for s in requests})
    of_metric[LATENCIES] = latencies
    return ScenarioMetrics(
        scenario=scenario,
        experiment_id=experiment_id,
        source="cloud monitoring",
        start=format_utc(window[0]),
        end=format_utc(window[1]),
        services=tuple(_service(key, requests, of_metric) for key in keys),
        by_hour=tuple(_by_hour(latencies)),
    )


def default_token() -> Callable[[], str]:
    """Access tokens of the application default credentials. MissingExtra; NetworkError: there are none, or refused."""
    try:
        import google.auth
        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import Request
    except ImportError as error:
        raise MissingExtra(NEEDS) from error
    try:
        credentials, _ = google.auth.default(scopes=[SCOPE])
    except GoogleAuthError as error:
        raise NetworkError(f"{error}; run `gcloud auth application-default login`") from error

    def token() -> str:
        try:
            if not credentials.valid:
                credentials.refresh(Request())  # type: ignore[no-untyped-call]
        except GoogleAuthError as error:
            raise NetworkError(f"no access token: {error}") from error
        return str(credentials.token)

    return token


def _query(metric: str, window: tuple[datetime, datetime], by: tuple[str, ...]) -> dict[str, Any]:
    labels = ["resource.labels.service_name", "resource.labels.location", *(f"metric.labels.{label}" for label in by)]
    return {
        "filter": f'metric.type="{PREFIX}{metric}" AND resource.type="cloud_run_revision"',
        "interval.startTime": format_utc(window[0]),
        "interval.endTime": format_utc(window[1]),
        "aggregation.alignmentPeriod": f"{HOUR_S}s",
        "aggregation.perSeriesAligner": "ALIGN_DELTA",
        "aggregation.crossSeriesReducer": "REDUCE_SUM",  # revisions of a service together; distributions are merged
        "aggregation.groupByFields": labels,
        "pageSize": PAGE_SIZE,
    }


def _series(row: Mapping[str, Any]) -> Series:
    resource, metric = row["resource"]["labels"], row.get("metric", {}).get("labels", {})
    return Series(
        resource["service_name"],
        resource["location"],
        metric.get(STATUS, ""),
        tuple((point["interval"]["startTime"], point["value"]) for point in row["points"]),
    )


def _wanted(series: Series, services: Sequence[Service]) -> bool:
    return not services or any(service.covers(series.service, series.region) for service in services)


def _service(
    key: tuple[str, str], requests: Sequence[Series], of_metric: Mapping[str, Sequence[Series]]
) -> ServiceMetrics:
    def of(metric: str) -> list[Series]:
        return [s for s in of_metric[metric] if (s.service, s.region) == key]

    statuses: Counter[str] = Counter()
    for series in requests:
        if (series.service, series.region) == key:
            statuses[series.status] += int(_total([series]))
    latency = _together(of(LATENCIES))
    return ServiceMetrics(
        service=key[0],
        region=key[1],
        requests=sum(statuses.values()),
        statuses=dict(sorted(statuses.items())),
        latency_ms=Distribution.of_buckets(latency.mean, latency.bounds, latency.counts),
        cpu_utilisation=_mean(of(CPU)),
        memory_utilisation=_mean(of(MEMORY)),
        billable_instance_seconds=_total(of(BILLABLE)),
        bytes_sent=int(_total(of(SENT))),
        bytes_received=int(_total(of(RECEIVED))),
    )


def _by_hour(latencies: Sequence[Series]) -> Iterator[HourOfRegion]:
    values: defaultdict[tuple[str, str, str], Buckets] = defaultdict(Buckets)
    for series in latencies:
        for hour, value in series.points:
            at = format_utc(parse_utc(hour, "startTime").replace(minute=0, second=0, microsecond=0))
            key = series.service, series.region, at
            values[key] = values[key].plus(value["distributionValue"])
    for key, found in sorted(values.items()):
        if found.count:
            yield HourOfRegion(*key, found.count, found.mean)


def _together(series: Sequence[Series]) -> Buckets:
    merged = Buckets()
    for one in series:
        for _, value in one.points:
            merged = merged.plus(value["distributionValue"])
    return merged


def _mean(series: Sequence[Series]) -> float | None:
    merged = _together(series)
    return merged.mean if merged.count else None


def _total(series: Sequence[Series]) -> float:
    """The sum of a counter: 64-bit integers come as text."""
    values = (value for one in series for _, value in one.points)
    return sum(int(v["int64Value"]) if "int64Value" in v else float(v.get("doubleValue", 0.0)) for v in values)


def _bounds(options: Mapping[str, Any]) -> list[float]:
    """Upper bounds of all buckets but the last, by the three kinds that the API knows."""
    if explicit := options.get("explicitBuckets"):
        return [float(bound) for bound in explicit["bounds"]]
    if linear := options.get("linearBuckets"):
        first, width = float(linear.get("offset", 0.0)), float(linear["width"])
        return [first + width * i for i in range(int(linear["numFiniteBuckets"]) + 1)]
    exponential = options["exponentialBuckets"]
    scale, growth = float(exponential["scale"]), float(exponential["growthFactor"])
    return [scale * growth**i for i in range(int(exponential["numFiniteBuckets"]) + 1)]


def _said(answer: "httpx.Response") -> str:
    """The message of an API error, or the beginning of whatever came."""
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200] or answer.reason_phrase
