import json
import logging

import pytest

from entrypoints.logs import JsonFormatter


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "service", "levelname": "INFO", "msg": message, "args": arguments, **extra})
    made.created, made.msecs = 0.0, 7.0
    return made


def test_a_line_is_one_json_object_with_what_was_given_beside_the_message() -> None:
    line = JsonFormatter().format(record("Took %d ms", 3, request_id="abc"))

    assert json.loads(line) == {
        "time": json.loads(line)["time"],
        "level": "info",
        "logger": "service",
        "message": "Took 3 ms",
        "request_id": "abc",
    }


@pytest.mark.parametrize("hostile", ["a\nb", 'quote"', "\x1b[31mred", "\u2028", "{}"])
def test_nothing_in_a_message_can_end_the_line_or_begin_another(hostile: str) -> None:
    line = JsonFormatter().format(record("%s", hostile))

    assert "\n" not in line
    assert "\x1b" not in line
    assert json.loads(line)["message"] == hostile


def test_an_exception_is_part_of_its_line() -> None:
    error = ValueError("no")

    line = JsonFormatter().format(record("Failed", exc_info=(type(error), error, None)))

    assert json.loads(line)["error"].endswith("ValueError: no")
