"""``sentiment evaluate`` with Comprehend on one side: what it says beforehand is what it spends."""

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters.spend_stores.sqlite import SqliteSpendStore
from entrypoints.cli.evaluate import evaluate
from tests.standins.comprehend import ComprehendStandIn
from tests.unit.adapters.datasets.labelled import write_data


async def spent_today(file: Path) -> int:
    """Millionths of a dollar."""
    store = SqliteSpendStore(file)
    try:
        return await store.add(datetime.now(UTC).date().isoformat(), 0)
    finally:
        await store.aclose()


def test_the_estimate_is_what_the_days_ledger_has_afterwards_and_both_sides_are_measured(
    comprehend: ComprehendStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """144 texts of 3 units, and 15 of them once more for each of three features: 567 units at $0.0001."""
    monkeypatch.setenv("SENTIMENT_DATA_DIR", str(tmp_path / "kept"))
    monkeypatch.setenv("SENTIMENT_COMPREHEND_SINGLE_TPS", "1000")
    options = [str(write_data(tmp_path / "data")), "--analyzer", "comprehend", "--compare", "embedded", "--no-tracking"]

    refused = CliRunner().invoke(evaluate, options)
    assert re.search(r"about \$0.06, for 189 texts", " ".join(refused.stderr.split()))

    done = CliRunner().invoke(evaluate, [*options, "--yes", "--json", str(tmp_path / "figures.json")])
    report = json.loads((tmp_path / "figures.json").read_text())
    assert done.exit_code == 0, done.output
    assert (report["analyzer"], report["compared"]["analyzer"]) == ("comprehend", "embedded")
    assert report["comparison"]["mean"].keys() == {"sentiment_macro_f1", "entities_f1", "key_phrases_f1"}
    assert asyncio.run(spent_today(tmp_path / "kept" / "spending.db")) == 56_700
