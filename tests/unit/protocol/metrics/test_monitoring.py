from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from planner.errors import InvalidInput, NetworkError
from planner.protocol.metrics.monitoring import Buckets, Monitoring, metrics_of_project
from planner.protocol.metrics.services import Service
from tests.unit.protocol.fake_monitoring import EXPONENTIAL, TOKEN, Fake, distribution, series, serving

httpx = pytest.importorskip("httpx", reason="Cloud Monitoring needs planner[serve]")

WINDOW = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC)
PING, KEYS = "api-health-check", "crypto-key-gen"
HERE, THERE = "europe-west1", "us-west1"


@pytest.fixture
def fake() -> Iterator[Fake]:
    pings = [("00", {"int64Value": "20"}), ("01", {"int64Value": "19"})]
    fake = Fake(
        {
            "request_count": [
                series(PING, HERE, pings, response_code="200"),
                series(PING, HERE, [("01", {"int64Value": "1"})], response_code="500"),
                series(KEYS, THERE, [("00", {"int64Value": "3"})], response_code="200"),
            ],
            "request_latencies": [
                series(PING, HERE, [("00", distribution([10.0] * 20)), ("01", distribution([30.0] * 20))]),
                series(KEYS, THERE, [("00", distribution([500.0, 900.0, 1600.0]))]),
            ],
            "container/cpu/utilizations": [series(PING, HERE, [("00", distribution([0.2, 0.4]))])],
            "container/memory/utilizations": [series(PING, HERE, [("00", distribution([0.5]))])],
            "container/billable_instance_time": [
                series(PING, HERE, [("00", {"doubleValue": 2.5}), ("01", {"doubleValue": 0.25})])
            ],
            "container/network/sent_bytes_count": [series(PING, HERE, [("00", {"int64Value": "9007199254740993"})])],
            "container/network/received_bytes_count": [series(KEYS, THERE, [("00", {"int64Value": "77"})])],
        }
    )
    with serving(fake):
        yield fake


@pytest.fixture(scope="module")
def client() -> Iterator["httpx.Client"]:
    with httpx.Client() as client:
        yield client


def reader(fake: Fake, client: "httpx.Client", token: str = TOKEN) -> Monitoring:
    return Monitoring("fake", client, token=lambda: token, endpoint=fake.url)


def test_all_metrics_by_service_and_region(fake: Fake, client: "httpx.Client") -> None:
    found = metrics_of_project(reader(fake, client), "A", WINDOW, experiment_id="week")
    ping, keys = found.services
    assert (ping.service, ping.region, ping.requests, ping.statuses) == (PING, HERE, 40, {"200": 39, "500": 1})
    assert ping.latency_ms is not None
    assert ping.latency_ms.mean == pytest.approx(20.0)
    assert sum(ping.latency_ms.counts) == 40
    assert 1.4**10 <= ping.latency_ms.p95 < 1.4**11  # the bucket of 30 ms
    assert ping.cpu_utilisation == pytest.approx(0.3)
    assert ping.memory_utilisation == pytest.approx(0.5)
    assert ping.billable_instance_seconds == pytest.approx(2.75)
    assert ping.bytes_sent == 9007199254740993  # a double would not hold it
    assert (keys.requests, keys.bytes_received, keys.cpu_utilisation) == (3, 77, None)
    assert (found.source, found.experiment_id, found.executions) == ("cloud monitoring", "week", ())


def test_hours_of_regions_carry_count_and_mean(fake: Fake, client: "httpx.Client") -> None:
    hours = metrics_of_project(reader(fake, client), "A", WINDOW).by_hour
    assert [(h.function, h.region, h.hour[11:13], h.requests) for h in hours] == [
        (PING, HERE, "00", 20),
        (PING, HERE, "01", 20),
        (KEYS, THERE, "00", 3),
    ]
    assert [h.mean_latency_ms for h in hours] == pytest.approx([10.0, 30.0, 1000.0])


def test_every_page_is_read_and_hours_are_asked_for(fake: Fake, client: "httpx.Client") -> None:
    metrics_of_project(reader(fake, client), "A", WINDOW)
    tokens = [query.get("pageToken") for query in fake.asked if "request_count" in query["filter"][0]]
    assert tokens == [None, ["1"], ["2"]]
    for query in fake.asked:
        assert query["aggregation.alignmentPeriod"] == ["3600s"]
        assert query["aggregation.perSeriesAligner"] == ["ALIGN_DELTA"]
        assert query["aggregation.groupByFields"][:2] == [
            "resource.labels.service_name",
            "resource.labels.location",
        ]


def test_only_the_named_services_count(fake: Fake, client: "httpx.Client") -> None:
    found = metrics_of_project(reader(fake, client), "A", WINDOW, services=[Service(KEYS, THERE)])
    assert [(s.service, s.region) for s in found.services] == [(KEYS, THERE)]
    assert {h.function for h in found.by_hour} == {KEYS}


def test_refusals_and_silence_are_network_errors(fake: Fake, client: "httpx.Client") -> None:
    with pytest.raises(NetworkError, match="401: Request had invalid"):
        metrics_of_project(reader(fake, client, token="another"), "A", WINDOW)
    fake.fails_with = 403
    with pytest.raises(NetworkError, match="403: Permission"):
        metrics_of_project(reader(fake, client), "A", WINDOW)
    silent = reader(Fake(url="http://127.0.0.1:9"), client)
    with pytest.raises(NetworkError, match="Cloud Monitoring"):
        metrics_of_project(silent, "A", WINDOW)


@pytest.mark.parametrize(
    ("options", "bounds"),
    [
        ({"explicitBuckets": {"bounds": [1, 2.5]}}, (1.0, 2.5)),
        ({"linearBuckets": {"numFiniteBuckets": 2, "width": 5, "offset": 10}}, (10.0, 15.0, 20.0)),
        ({"exponentialBuckets": {"numFiniteBuckets": 2, "growthFactor": 2, "scale": 3}}, (3.0, 6.0, 12.0)),
    ],
)
def test_all_kinds_of_buckets(options: dict, bounds: tuple[float, ...]) -> None:
    value = {"count": "2", "mean": 4.0, "bucketOptions": options, "bucketCounts": ["0", "2"]}
    found = Buckets().plus(value).plus({"count": "0"})
    assert found.bounds == bounds
    assert found.counts == (0, 2, *[0] * (len(bounds) - 1))


def test_other_buckets_are_not_added_up() -> None:
    first = Buckets().plus({"count": "1", "mean": 1.0, "bucketOptions": EXPONENTIAL, "bucketCounts": ["1"]})
    with pytest.raises(InvalidInput, match="the same"):
        first.plus({"count": "1", "mean": 1.0, "bucketOptions": {"explicitBuckets": {"bounds": [1]}}})
