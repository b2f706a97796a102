"""The three-node edge testbed of CarbonEdge."""

from datetime import UTC, datetime

import numpy as np

from planner.domain.instance import CarbonKind, Instance, Pool, Profile, Region, Variant, Workload
from planner.domain.options import J_PER_KWH

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = 24
DEVICES = 50
RTT_MS = 5.0
FULL_CPU_MS = 250.0  # of MobileNetV2
MONOLITHIC_PER_G, MONOLITHIC_CI = 189.5, 530.0
GREEN_PER_G, GREEN_CI = 245.8, 380.0
# name: CPU share, carbon intensity in g/kWh, inferences per gram at the intensity that they were measured at
NODES = {
    "node-high": (1.0, 620.0, (MONOLITHIC_PER_G, MONOLITHIC_CI)),
    "node-medium": (0.6, 530.0, (MONOLITHIC_PER_G, MONOLITHIC_CI)),
    "node-green": (0.4, GREEN_CI, (GREEN_PER_G, GREEN_CI)),
}

NOTES = (
    "The testbed of CarbonEdge: MobileNetV2 on three nodes of 1.0, 0.6 and 0.4 CPU at 620, 530 and 380 g/kWh.",
    "Source: CarbonEdge, arXiv 2603.27420; 189.5 inferences per gram monolithic, 245.8 in green mode.",
    "Assumption: these give the energy of an inference; monolithic ran at 530 g/kWh, green on the node of 0.4 CPU.",
    "Assumption: on the node of 1.0 CPU an inference takes the energy of the monolithic one.",
    "Assumption: an inference takes 250 ms of a full CPU, and longer on a part of one, in proportion.",
    "Assumption: 50 devices, each 5 ms from all nodes, ask for one inference an hour for a day: every batch is a task.",
    "Assumption: a node is one server without idle energy; carbon intensity is constant, PUE is 1, no SLO.",
)


def carbonedge_three_nodes() -> Instance:
    """MobileNetV2 on three nodes of constant carbon intensity; no randomness."""
    names = list(NODES)
    profiles = {name: _profile(cpu, *measured) for name, (cpu, _, measured) in NODES.items()}
    return Instance(
        name="edge/carbonedge-three-nodes",
        start=START,
        step_minutes=60,
        regions=tuple(Region(name, name) for name in names),
        pools=tuple(Pool(name, name, name) for name in names),
        origins=tuple(f"device-{number:02d}" for number in range(1, DEVICES + 1)),
        workloads=(Workload("mobilenet-v2", (Variant("mobilenet-v2", profiles),)),),
        carbon_intensity_g_per_kwh=np.repeat([[intensity] for _, intensity, _ in NODES.values()], HOURS, axis=1),
        carbon_kind=CarbonKind(),
        rtt_ms=np.full((DEVICES, len(names)), RTT_MS),
        requests=np.ones((1, DEVICES, HOURS), dtype=np.int64),
        servers=np.ones((len(names), HOURS)),
        notes=NOTES,
    )


def _profile(cpu: float, per_g: float, at_g_per_kwh: float) -> Profile:
    """Time on a share of a CPU, and the energy that emits a gram in `per_g` inferences."""
    mean_ms = FULL_CPU_MS / cpu
    return Profile(mean_ms, 0.0, mean_ms / 1e3, J_PER_KWH / (per_g * at_g_per_kwh))
