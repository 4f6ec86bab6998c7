"""The documentation's examples run, and its links lead somewhere."""

import re
import runpy
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/*.md")])
WITH_EXAMPLES = [ROOT / "README.md", ROOT / "docs" / "adding-an-analyzer.md"]


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.name)
def test_the_python_examples_of_a_page_run(page: Path) -> None:
    examples = list(Sybil(parsers=[PythonCodeBlockParser()]).parse(page).examples())

    assert examples
    for example in examples:
        example.evaluate()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", ["metrics.md", "settings.md", "errors.md"])
def test_a_page_made_from_code_says_what_the_code_says(page: str) -> None:
    """When this fails: python docs/generate.py"""
    pages = runpy.run_path(str(ROOT / "docs" / "generate.py"))["PAGES"]

    assert pages[page]() == (ROOT / "docs" / page).read_text(encoding="utf-8")
