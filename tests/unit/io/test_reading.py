import gzip

import pytest

from planner.errors import InvalidInput
from planner.io.reading import parse_document, read_document


def test_plain_and_gzipped_files_read_the_same(tmp_path):
    (tmp_path / "a.json").write_bytes(b'{"x": [1, 2.5]}')
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b'{"x": [1, 2.5]}'))
    assert read_document(tmp_path / "a.json") == read_document(tmp_path / "a.json.gz") == {"x": [1, 2.5]}


def test_a_byte_order_mark_is_no_error():
    assert parse_document(b'\xef\xbb\xbf{"x": 1}') == {"x": 1}


def test_a_surrogate_pair_is_a_character():
    assert parse_document(rb'{"x": "\ud83d\udc4b"}') == {"x": "👋"}


def test_concatenated_gzip_members_are_one_document(tmp_path):
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b'{"x": ') + gzip.compress(b"1}"))
    assert read_document(tmp_path / "a.json.gz") == {"x": 1}


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_the_limit_counts_uncompressed_bytes(tmp_path, name):
    document = b'{"x": "' + b"y" * 1000 + b'"}'
    (tmp_path / name).write_bytes(gzip.compress(document) if name.endswith("gz") else document)
    assert read_document(tmp_path / name, max_bytes=len(document))
    with pytest.raises(InvalidInput, match=f"at most {len(document) - 1} bytes"):
        read_document(tmp_path / name, max_bytes=len(document) - 1)


def test_a_repeated_key_is_found_in_the_depths():
    with pytest.raises(InvalidInput) as error:
        parse_document(b'{"a": [0, {"b/c": 1, "d": {}, "b/c": 2}]}')
    assert error.value.where == "/a/1/b~1c"


def test_a_repeated_key_inside_a_repeated_key_names_the_outer_one():
    with pytest.raises(InvalidInput) as error:
        parse_document(b'{"a": {"b": 1, "b": 2}, "a": 3}')
    assert error.value.where == "/a"
