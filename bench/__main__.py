"""``python -m bench [quick] [PART ...] [--output FOLDER]``."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from bench.lines import FULL, QUICK, Finding, Plan
from bench.machine import describe
from bench.parts import embedded, framework, overload, peers, quota, upstream
from bench.peers import PEERS
from bench.plot import svg_of
from bench.report import json_of, text_of
from bench.servers import pin_load

PARTS = {
    "framework": framework.measure,
    "upstream": upstream.measure,
    "quota": quota.measure,
    "embedded": embedded.measure,
    "overload": overload.measure,
    "peers": peers.measure,
}
RESULTS = Path(__file__).with_name("results")
DEFAULT = ("framework", "upstream", "quota", "embedded")


def main() -> None:
    """Measures, prints each finding as it comes, and writes all of them to the folder."""
    parser = argparse.ArgumentParser("bench", description="Measures the service against its targets.")
    parser.add_argument("words", nargs="*", metavar="quick | PART", help=f"parts are {', '.join(PARTS)}")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder for results.json and results.svg")
    arguments = parser.parse_args()
    if unknown := sorted({*arguments.words} - {"quick", *PARTS}):
        parser.error(f"there is no {', '.join(unknown)}; parts are {', '.join(PARTS)}")
    parts = [word for word in arguments.words if word != "quick"] or DEFAULT
    pin_load()
    machine = describe()
    if "peers" in parts:
        machine |= {peer.title: peer.version for peer in PEERS.values()}
    print("\n".join(f"{name:<18} {value}" for name, value in machine.items()), end="\n\n")
    findings = []
    for finding in _measured(parts, QUICK if "quick" in arguments.words else FULL):
        print(text_of(finding), flush=True)
        findings.append(finding)
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "results.json").write_bytes(json_of(findings, machine))
    (arguments.output / "results.svg").write_text(svg_of(findings), encoding="utf-8")


def _measured(parts: list[str] | tuple[str, ...], plan: Plan) -> Iterator[Finding]:
    for part in parts:
        yield from PARTS[part](plan)


if __name__ == "__main__":
    main()
