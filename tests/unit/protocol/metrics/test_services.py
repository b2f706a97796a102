import pytest

from planner.data.faas import REGIONS
from planner.errors import UsageError
from planner.protocol.metrics.services import REGION_CODES, Service, service_of


@pytest.mark.parametrize(
    ("url", "name", "region"),
    [
        ("https://crypto-key-gen-abc123def4-rj.a.run.app", "crypto-key-gen", "southamerica-east1"),
        ("https://api-health-check-abc123def4-uw.a.run.app/", "api-health-check", "us-west1"),
        ("https://video-transcoder-123456789012.europe-west2.run.app", "video-transcoder", "europe-west2"),
        ("us-west2=http://127.0.0.1:8101/crypto-key-gen", "crypto-key-gen", "us-west2"),
        ("us-west2=http://localhost:8101", None, "us-west2"),
        ("here=https://dispatcher-abc123def4-rj.a.run.app", "dispatcher", "here"),
    ],
)
def test_a_url_names_service_and_region(url: str, name: str | None, region: str) -> None:
    assert service_of(url) == Service(name, region)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8101/crypto-key-gen",
        "https://example.org",
        "https://crypto-key-gen-abc123def4-qq.a.run.app",  # no region has this code
        "https://a.run.app.example.org",
        "crypto-key-gen",
        "",
    ],
)
def test_a_url_that_says_no_region_is_refused_with_the_remedy(url: str) -> None:
    with pytest.raises(UsageError, match=r"REGION="):
        service_of(url)


def test_every_region_of_the_protocol_has_a_code() -> None:
    assert set(REGIONS) <= set(REGION_CODES.values())
    assert len(set(REGION_CODES.values())) == len(REGION_CODES)


def test_a_service_without_a_name_covers_its_region() -> None:
    assert Service(None, "here").covers("any", "here")
    assert not Service(None, "here").covers("any", "there")
    assert not Service("one", "here").covers("other", "here")
