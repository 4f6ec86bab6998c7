"""Tells the alert topic that a unit of the machine failed: ``tell.py UNIT``."""

import sys

from host import Host


def main() -> None:
    host, unit = Host.read(), sys.argv[1]
    host.session.client("sns").publish(
        TopicArn=host.environment["ALERT_SNS_TOPIC_ARN"],
        Subject=f"{host.name}: {unit} failed",
        Message=f"On the machine, journalctl --unit {unit} says why.",
    )


if __name__ == "__main__":
    main()
