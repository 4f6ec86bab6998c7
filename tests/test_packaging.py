"""What is installed is ours, whole and typed."""

import importlib
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

PACKAGES = ("sentiment_core", "adapters", "entrypoints")


@pytest.mark.parametrize("name", ["adapters", "entrypoints"])
def test_no_foreign_distribution_has_one_of_our_import_names(name: str) -> None:
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.distribution(name)


def test_the_three_packages_come_from_one_folder_and_are_typed() -> None:
    folders = [Path(next(iter(importlib.import_module(name).__path__))) for name in PACKAGES]

    assert len({folder.parent for folder in folders}) == 1
    assert all((folder / "__init__.py").is_file() and (folder / "py.typed").is_file() for folder in folders)


def test_the_core_exports_what_it_lists_and_lists_it_in_order() -> None:
    core = importlib.import_module("sentiment_core")

    assert all(hasattr(core, name) for name in core.__all__)
    assert core.__all__ == sorted(core.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


def test_the_doubles_need_no_test_framework() -> None:
    code = "import sys, sentiment_core.testing; print({'pytest', 'hypothesis'} & set(sys.modules))"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "set()"


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["train", "--help"], ["evaluate", "--help"]])
def test_help_loads_no_heavy_library(arguments: list[str]) -> None:
    """`sentiment --help` answers within 0.2 s because of what it does not import."""
    code = (
        "import sys\n"
        "from entrypoints.cli import main\n"
        f"main({arguments!r}, standalone_mode=False)\n"
        "heavy = {'botocore', 'httptools', 'litestar', 'mlflow', 'numpy', 'onnxruntime', 'pyarrow', 'rich',"
        " 'tokenizers', 'torch', 'uvicorn', 'prometheus_client', 'dependency_injector'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stderr.strip() == "[]"


def test_the_list_of_commands_is_shown_without_loading_the_service() -> None:
    code = (
        "import sys\n"
        "from entrypoints.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "print(sorted({'asyncio', 'sentiment_core'} & set(sys.modules)), file=sys.stderr)"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stderr.strip() == "[]"


def test_a_command_starts_without_fastapi_which_others_can_still_import() -> None:
    code = (
        "import sys\n"
        "from entrypoints.cli.startup import import_injector\n"
        "import_injector()\n"
        "import entrypoints.server\n"
        "print('fastapi' in sys.modules)\n"
        "import fastapi"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "False"
