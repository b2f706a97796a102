"""Every command of a deployment, in order; the same settings for all scenarios (protocol 2.2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planner.data.faas import FUNCTIONS
from planner.protocol.deployment.experiment import Experiment

SERVICES = (
    "run.googleapis.com",
    "cloudscheduler.googleapis.com",
    "cloudtasks.googleapis.com",
    "monitoring.googleapis.com",
    "artifactregistry.googleapis.com",
    "cloudbuild.googleapis.com",
)
# Controlled variables: one place, so that no scenario can differ.
LIMITS = (
    "--cpu=1",
    "--memory=2Gi",
    "--concurrency=8",
    "--timeout=900",
    "--min-instances=0",
    "--max-instances=4",
    "--no-cpu-boost",
)
DISPATCHER_LIMITS = ("--cpu=1", "--memory=2Gi", "--timeout=300", "--min-instances=0", "--max-instances=1")
FUNCTIONS_ACCOUNT, RUNNER_ACCOUNT, DISPATCHER_ACCOUNT = "functions", "runner", "dispatcher"
JOB, TRIGGER, QUEUE = "loadgen-job", "loadgen-hourly", "delayed"
INSTANCE, HOUR_MAP = "/experiment/protocol-instance.json", "/experiment/protocol-map.csv"


@dataclass(frozen=True, slots=True)
class Command:
    """What is run, and why."""

    why: str
    words: tuple[str, ...]


def commands(experiment: Experiment, scenarios: Sequence[str], *, dataset: str) -> Iterator[Command]:
    """Images and data set first, with the scenario at home there, then the projects.

    `dataset`: the folder of `planner protocol dataset`.
    """
    if experiment.home in scenarios:
        yield from _home(experiment, dataset)
    for scenario in scenarios:
        yield from _project(experiment, scenario)
        yield from _functions(experiment, scenario)
        if scenario == "C":
            yield from _dispatcher(experiment)
        yield from _runner(experiment, scenario)


def _home(e: Experiment, dataset: str) -> Iterator[Command]:
    project, place = f"--project={e.home_project.id}", f"--location={e.control_region}"
    why = "images and data set, the same for all scenarios"
    yield _gcloud(why, "services", "enable", *SERVICES, project)
    yield _gcloud(why, "artifacts", "repositories", "create", "planner", "--repository-format=docker", place, project)
    build = f"--substitutions=_REGISTRY={e.registry},_TAG={e.tag}"
    yield _gcloud(why, "builds", "submit", ".", "--config=deploy/gcp/cloudbuild.yaml", build, project)
    bucket = f"gs://{e.bucket}"
    yield _gcloud(why, "storage", "buckets", "create", bucket, place, "--uniform-bucket-level-access", project)
    yield _gcloud(why, "storage", "cp", f"{dataset}/*", f"{e.data}/", project)


def _project(e: Experiment, scenario: str) -> Iterator[Command]:
    why = f"scenario {scenario}: the project and its accounts"
    project = f"--project={e.projects[scenario].id}"
    if scenario != e.home:
        yield _gcloud(why, "services", "enable", *SERVICES, project)
    accounts = (FUNCTIONS_ACCOUNT, RUNNER_ACCOUNT, *([DISPATCHER_ACCOUNT] if scenario == "C" else []))
    for account in accounts:
        yield _gcloud(why, "iam", "service-accounts", "create", account, project)
    agent = f"service-{e.projects[scenario].number}@serverless-robot-prod.iam.gserviceaccount.com"
    repository = ("artifacts", "repositories", "add-iam-policy-binding", "planner", f"--location={e.control_region}")
    home = f"--project={e.home_project.id}"
    yield _gcloud(why, *repository, *_role("roles/artifactregistry.reader", agent), home)
    reader = _role("roles/storage.objectViewer", e.account(scenario, FUNCTIONS_ACCOUNT))
    yield _gcloud(why, "storage", "buckets", "add-iam-policy-binding", f"gs://{e.bucket}", *reader)


def _functions(e: Experiment, scenario: str) -> Iterator[Command]:
    """Four services in every region; only the runner, in C only the dispatcher, may call them."""
    project = f"--project={e.projects[scenario].id}"
    caller = e.account(scenario, DISPATCHER_ACCOUNT if scenario == "C" else RUNNER_ACCOUNT)
    for region in e.regions:
        why = f"scenario {scenario}: the functions in {region}"
        variables = f"PLANNER_REGION={region},PLANNER_DATA_PREFIX={e.data},PLANNER_AUTH=iam"
        for function in FUNCTIONS:
            yield _gcloud(
                why,
                *("run", "deploy", function, f"--image={e.image('functions')}", f"--region={region}", *LIMITS),
                f"--service-account={e.account(scenario, FUNCTIONS_ACCOUNT)}",
                f"--set-env-vars={variables}",
                "--no-allow-unauthenticated",
                project,
            )
            yield _may_call(why, function, region, caller, project)


def _dispatcher(e: Experiment) -> Iterator[Command]:
    why, project = "scenario C: the queue and the dispatcher", f"--project={e.projects['C'].id}"
    account, place = e.account("C", DISPATCHER_ACCOUNT), f"--location={e.control_region}"
    yield _gcloud(why, "tasks", "queues", "create", QUEUE, place, "--max-attempts=100", "--max-backoff=60s", project)
    enqueuer = _role("roles/cloudtasks.admin", account)  # it also counts what waits
    yield _gcloud(why, "projects", "add-iam-policy-binding", e.projects["C"].id, *enqueuer, "--condition=None")
    signer = _role("roles/iam.serviceAccountUser", account)
    yield _gcloud(why, "iam", "service-accounts", "add-iam-policy-binding", account, *signer, project)
    yield _gcloud(
        why,
        *("run", "deploy", "dispatcher", f"--image={e.image('dispatcher')}", f"--region={e.control_region}"),
        *DISPATCHER_LIMITS,
        f"--service-account={account}",
        f"--args={_listed(dispatcher_arguments(e))}",
        "--no-allow-unauthenticated",
        project,
    )
    for caller in (RUNNER_ACCOUNT, DISPATCHER_ACCOUNT):  # the queue's pushes carry the dispatcher's own name
        yield _may_call(why, "dispatcher", e.control_region, e.account("C", caller), project)


def dispatcher_arguments(e: Experiment) -> list[str]:
    """Of `planner protocol dispatch` in its container."""
    queue = f"projects/{e.projects['C'].id}/locations/{e.control_region}/queues/{QUEUE}"
    fixed = [
        INSTANCE,
        f"--prefix={e.data}",
        f"--policy={e.policy}",
        f"--forecast={e.forecast}",
        f"--cloud-tasks={queue}",
        f"--own-url={e.url('C', 'dispatcher', e.control_region)}",
        f"--account={e.account('C', DISPATCHER_ACCOUNT)}",
        *(f"--caller={e.account('C', caller)}" for caller in (RUNNER_ACCOUNT, DISPATCHER_ACCOUNT)),
        "--host=0.0.0.0",
        "--port=8080",
    ]
    return [*fixed, *(f"--region={region}={e.url('C', '{function}', region)}" for region in e.regions)]


def _runner(e: Experiment, scenario: str) -> Iterator[Command]:
    """The hourly job, and a trigger that stays paused until the experiment begins (protocol 10.2)."""
    why = f"scenario {scenario}: the runner and its hourly trigger, paused"
    project, account = f"--project={e.projects[scenario].id}", e.account(scenario, RUNNER_ACCOUNT)
    yield _gcloud(
        why,
        *("run", "jobs", "deploy", JOB, f"--image={e.image('runner')}", f"--region={e.control_region}"),
        f"--service-account={account}",
        f"--args={_listed(runner_arguments(e, scenario))}",
        *("--tasks=1", "--max-retries=0", "--task-timeout=5400", "--cpu=1", "--memory=1Gi"),
        project,
    )
    binding = ("run", "jobs", "add-iam-policy-binding", JOB, f"--region={e.control_region}")
    yield _gcloud(why, *binding, *_role("roles/run.invoker", account), project)
    job = f"projects/{e.projects[scenario].id}/locations/{e.control_region}/jobs/{JOB}"
    trigger = (TRIGGER, f"--location={e.control_region}")
    yield _gcloud(
        why,
        *("scheduler", "jobs", "create", "http", *trigger, "--schedule=0 * * * *", "--time-zone=Etc/UTC"),
        *(f"--uri=https://run.googleapis.com/v2/{job}:run", "--http-method=POST"),
        f"--oauth-service-account-email={account}",
        project,
    )
    yield _gcloud(why, "scheduler", "jobs", "pause", *trigger, project)


def runner_arguments(e: Experiment, scenario: str) -> list[str]:
    """Of `planner protocol run` in its container; the hour is that in which it starts."""
    common = [f"--scenario={scenario}", f"--experiment={e.experiment_id}", f"--data={e.data}"]
    if scenario == "C":
        return [*common, f"--dispatcher={e.url('C', 'dispatcher', e.control_region)}"]
    regions = [e.fixed_region] if scenario == "A" else e.regions
    urls = [f"--region={region}={e.url(scenario, '{function}', region)}" for region in regions]
    return [*common, *urls, *([f"--map={HOUR_MAP}"] if scenario == "B" else [])]


def _may_call(why: str, service: str, region: str, account: str, project: str) -> Command:
    binding = ("run", "services", "add-iam-policy-binding", service, f"--region={region}")
    return _gcloud(why, *binding, *_role("roles/run.invoker", account), project)


def _role(role: str, account: str) -> tuple[str, str]:
    return f"--member=serviceAccount:{account}", f"--role={role}"


def _listed(arguments: Sequence[str]) -> str:
    """With a delimiter that no argument has: policies and URLs may hold commas."""
    return "^|^" + "|".join(arguments)


def _gcloud(why: str, *words: str) -> Command:
    return Command(why, ("gcloud", *words, "--quiet"))
