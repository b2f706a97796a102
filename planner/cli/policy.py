"""`policy list|show`: the rules that are known, and which of them run as they are."""

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common
from planner.cli.common import Json, Output, Quiet, Verbose

if TYPE_CHECKING:
    from planner.domain.instance import Instance

GROUP = "planner.policies"
GIVEN = ("seed", "instance")  # what a replay passes itself
SOURCE = "Source: "

PolicyName = Annotated[str, typer.Argument(metavar="NAME", autocompletion=common.completion(GROUP))]


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    from planner.cli.policy_sweep import sweep

    group = typer.Typer(help="The online policies that are known.", no_args_is_help=True)
    group.command("list")(list_policies)
    group.command("show")(show)
    group.command("sweep")(sweep)
    app.add_typer(group, name="policy")


def list_policies(json: Json = False, output: Output = None, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Every policy with its information regime and parameters."""
    from planner.registry import names

    cards = [card(name) for name in names(GROUP)]
    rows = [(c["name"], c["regime"], _first_sentence(c["rule"])) for c in cards]
    text = common.table(("policy", "regime", "rule"), rows, left=3)
    common.emit({"schema": "planner.policies/1", "policies": cards}, text, as_json=json, output=output)


def show(
    name: PolicyName, json: Json = False, output: Output = None, quiet: Quiet = False, verbose: Verbose = False
) -> None:
    """One policy: its rule, parameters, information regime and source."""
    told = card(name)
    lines = [
        f"{told['name']} ({told['regime']})",
        *(f"  {line}" for line in told["rule"]),
        *(f"  {_spelled(parameter)}" for parameter in told["parameters"]),
        f"  {SOURCE}{told['source']}",
    ]
    common.emit({"schema": "planner.policy/1", **told}, "\n".join(lines), as_json=json, output=output)


def card(name: str) -> dict[str, Any]:
    """What a policy says of itself: name, regime, rule (lines), parameters with defaults (None: needed), source."""
    from planner.registry import factory

    policy = factory(GROUP, name)
    rule, _, source = (inspect.getdoc(policy) or "").partition(SOURCE)
    return {
        "name": name,
        "regime": getattr(policy, "regime", None),
        "rule": [line for line in rule.splitlines() if line],
        "parameters": [
            {"name": p.name, "default": None if p.default is p.empty else p.default, "needed": p.default is p.empty}
            for p in _parameters(policy)
        ],
        "source": source.strip() or None,
    }


def known(instance: "Instance", specs: list[str]) -> list[str]:
    """The same specs, once each of them has been tried. UsageError: an unknown policy or parameter."""
    from planner.registry import load

    for spec in specs:
        load(GROUP, spec, seed=0, instance=instance)
    return specs


def require_forecaster(instance: "Instance", spec: str) -> None:
    """UsageError: an unknown forecaster or parameter, which a policy without forecasts would never notice."""
    from planner.registry import load

    load("planner.forecasters", spec, instance=instance)


def is_random(spec: str, forecast: str) -> bool:
    """Whether a policy, or the forecaster it asks, draws from the seed."""
    from planner.registry import factory_of

    made = factory_of(GROUP, spec)
    asked = getattr(made, "regime", None) != "none"
    return _takes_seed(made) or (asked and _takes_seed(factory_of("planner.forecasters", forecast)))


def _takes_seed(made: Any) -> bool:
    return "seed" in inspect.signature(made).parameters


def ready() -> list[str]:
    """Specs of the policies that need no parameter and decide by the hour."""
    return [name for name in _complete() if not _routes_requests(name)]


def request_only() -> list[str]:
    """Specs of the policies that need no parameter and route single requests."""
    return [name for name in _complete() if _routes_requests(name)]


def _complete() -> list[str]:
    from planner.registry import names

    return [name for name in names(GROUP) if not any(p["needed"] for p in card(name)["parameters"])]


def _routes_requests(name: str) -> bool:
    from planner.registry import factory

    return hasattr(factory(GROUP, name), "choose")  # as planner.replay.single.RequestPolicy


def every(instance: "Instance") -> list[str]:
    """Specs of all policies that need no file: those that are ready, and `fixed` in each region."""
    return [*ready(), *(f"fixed:region={region.name}" for region in instance.regions)]


def _first_sentence(lines: list[str]) -> str:
    return " ".join(lines).partition(". ")[0].removesuffix(".") + "."


def _parameters(policy: Any) -> list[inspect.Parameter]:
    known = inspect.signature(policy).parameters.values()
    return [p for p in known if p.name not in GIVEN]


def _spelled(parameter: dict[str, Any]) -> str:
    return f"{parameter['name']}={'...' if parameter['needed'] else parameter['default']}"
