"""Tells CloudWatch how full the data volume is, in per cent."""

import shutil
from pathlib import Path

from host import Host

INSTANCE_ID = Path("/var/lib/cloud/data/instance-id")
"""Where cloud-init writes it."""


def main() -> None:
    host = Host.read()
    usage = shutil.disk_usage(host.data)
    metric = {
        "MetricName": "DiskUsedPercent",
        "Dimensions": [{"Name": "InstanceId", "Value": INSTANCE_ID.read_text().strip()}],
        "Value": 100 * usage.used / usage.total,
        "Unit": "Percent",
    }
    host.session.client("cloudwatch").put_metric_data(Namespace=host.name, MetricData=[metric])


if __name__ == "__main__":
    main()
