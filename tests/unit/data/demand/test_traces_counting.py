"""Counting does not depend on the order of rows, on how they come, or on how they are cut into files."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.data.demand.traces import tables
from planner.data.demand.traces.counting import carried
from planner.data.demand.traces.formats import read_trace
from planner.data.demand.traces.options import TraceOptions

HEADER = "service,t_s,context_tokens,generated_tokens\n"
requests = st.lists(st.tuples(st.sampled_from(["code", "conv"]), st.integers(0, 10**5)), min_size=2, max_size=40)


def read(folder: str, parts: Sequence[Sequence[tuple[str, int]]], step: int = 60):
    files = []
    for number, part in enumerate(parts):
        files.append(Path(folder) / f"{number}.csv")
        files[-1].write_text(HEADER + "".join(f"{name},{time},1,1\n" for name, time in part), encoding="utf-8")
    return read_trace("azure-llm", files, TraceOptions(step_minutes=step))


@settings(max_examples=30)
@given(requests, st.sampled_from([1, 15, 60, 1440]), st.data())
def test_counts_are_those_of_a_counter(rows: list[tuple[str, int]], step: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(rows) - 1))
    shuffled = data.draw(st.permutations(rows))
    with TemporaryDirectory() as folder:
        whole = read(folder, [rows], step)
        parts = read(folder, [shuffled[:cut], shuffled[cut:]], step)
    expected = Counter((name, time // (step * 60)) for name, time in rows)
    first = min(time for _, time in rows) // (step * 60)
    for w, name in enumerate(whole.workloads):
        assert whole.requests[w].tolist() == [expected[name, first + t] for t in range(len(whole.times))]
    np.testing.assert_array_equal(whole.requests, parts.requests)
    assert (whole.workloads, whole.notes) == (parts.workloads, parts.notes)


def test_small_chunks_give_the_same(monkeypatch: pytest.MonkeyPatch, shared_data: Path) -> None:
    files = [shared_data / f"azure_llm_2023_{name}_requests.csv.gz" for name in ("code", "conv")]
    whole = read_trace("azure-llm", files, TraceOptions(step_minutes=5))
    monkeypatch.setattr(tables, "CELLS", 4 * 777)
    some = read_trace("azure-llm", files, TraceOptions(step_minutes=5))
    np.testing.assert_array_equal(whole.requests, some.requests)


def test_a_line_is_told_in_a_later_chunk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tables, "CELLS", 30)
    path = tmp_path / "jobs.csv"
    path.write_text("arrival_time,length,cpus\n" + "0,10,1\n" * 95 + "0,x,1\n", encoding="utf-8")
    with pytest.raises(Exception, match="line 97, column 'length': found 'x'"):
        read_trace("plain", [path], TraceOptions())


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_rounding_keeps_running_sums(values: list[float]) -> None:
    whole = carried(np.array(values))
    assert (whole >= 0).all()
    np.testing.assert_allclose(np.cumsum(whole), np.cumsum(values), atol=0.5 + 1e-6)
