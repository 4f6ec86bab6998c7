"""Which commit this code is."""

import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def checkout_revision(folder: Path = HERE) -> str | None:
    """The commit that is checked out, when the code runs from a checkout; None when it is installed.

    An installed copy may well lie inside somebody else's checkout: ``folder`` must be where ours has it.
    """
    command = ["git", "-C", str(folder), "rev-parse", "--show-prefix", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=2, check=True)  # noqa: S603 - no input
    except (OSError, subprocess.SubprocessError):
        return None
    prefix, _, revision = done.stdout.strip().partition("\n")
    return revision if prefix == "src/entrypoints/" else None
