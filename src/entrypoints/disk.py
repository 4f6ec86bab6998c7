"""How full the disk is, as metrics."""

import contextlib
import shutil
from pathlib import Path

from entrypoints.api.routes import Exposition
from sentiment_core.metric_names import DISK_FREE_BYTES, DISK_SIZE_BYTES
from sentiment_core.ports import Metrics


def with_disk(exposition: Exposition, metrics: Metrics, folder: Path) -> Exposition:
    """``exposition``, with the disk of ``folder`` looked at each time, which takes microseconds.

    A folder that is not there yet will be made on the disk of its nearest parent.
    """

    def expose(accept: str) -> tuple[bytes, str]:
        with contextlib.suppress(OSError):  # the other metrics are needed all the more then
            existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
            disk = shutil.disk_usage(existing)
            metrics.set(DISK_FREE_BYTES, disk.free)
            metrics.set(DISK_SIZE_BYTES, disk.total)
        return exposition(accept)

    return expose
