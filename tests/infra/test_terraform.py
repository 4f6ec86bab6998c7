"""The module by itself: its form, and the rules of tests/*.tftest.hcl, for which AWS is not asked."""

import pytest

from tests.infra.terraform import Terraform

pytestmark = [pytest.mark.timeout(600), pytest.mark.infra]


def test_it_is_formatted(module: Terraform) -> None:
    assert module.succeed("fmt", "-check", "-recursive", "-diff") == ""


def test_it_is_valid(module: Terraform) -> None:
    module.succeed("validate")


def test_its_rules_hold(module: Terraform) -> None:
    said = module.succeed("test")

    assert "Success!" in said
    assert "0 failed" in said
