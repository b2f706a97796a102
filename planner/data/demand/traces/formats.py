"""The formats of traces, by the name that the command line gives them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from planner.data.demand.series import DemandSeries
from planner.data.demand.traces.alibaba_2018 import alibaba_2018
from planner.data.demand.traces.alibaba_gpu import alibaba_gpu
from planner.data.demand.traces.azure_functions import azure_functions
from planner.data.demand.traces.azure_llm import azure_llm
from planner.data.demand.traces.cloud_run import cloud_run
from planner.data.demand.traces.google_2019 import google_2019
from planner.data.demand.traces.jobs_hourly import jobs_hourly
from planner.data.demand.traces.options import TraceOptions
from planner.data.demand.traces.otlp import otlp
from planner.data.demand.traces.plain import plain
from planner.data.demand.traces.servegen import servegen
from planner.errors import InvalidInput, UsageError

Reader = Callable[[Sequence[Path], TraceOptions], DemandSeries]
READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "google-2019": google_2019,
        "alibaba-2018": alibaba_2018,
        "alibaba-gpu": alibaba_gpu,
        "azure-llm": azure_llm,
        "servegen": servegen,
        "azure-functions": azure_functions,
        "plain": plain,
        "jobs-hourly": jobs_hourly,
        "otlp": otlp,
        "cloud-run": cloud_run,
    }
)


def read_trace(name: str, files: Sequence[Path], options: TraceOptions) -> DemandSeries:
    """The demand series of the files of one trace. UsageError: no such format; InvalidInput: what is wrong."""
    if name not in READERS:
        raise UsageError(f"no trace format '{name}'; there are {', '.join(READERS)}")
    whole = [path.resolve() for path in files]
    again = next((path for i, path in enumerate(whole) if path in whole[:i]), None)
    if again:
        raise InvalidInput("file", "a file that was given before", "every file once", str(again))
    return READERS[name](files, options)
