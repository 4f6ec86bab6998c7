"""The graph computes what the net computes, as far as bytes can."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

import torch

from adapters.analyzers.onnx.bundle import open_session, run
from adapters.trainers.torch.deep import Deep
from adapters.trainers.torch.export import byte_ranges, export_onnx
from adapters.trainers.torch.wide import Wide
from tests.unit.adapters.trainers.tiny import CONFIGURATION

PIECES = 9
LENGTHS = torch.tensor([9, 4, 1])


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """What the net gives for three texts of different lengths, and what its graph gives."""
    torch.manual_seed(0)
    deep, wide = Deep(CONFIGURATION.deep).eval(), Wide(CONFIGURATION.wide)
    torch.nn.init.normal_(wide.pieces.weight)
    torch.nn.init.normal_(wide.chars.weight)
    ids, shapes = torch.randint(2, 4_000, (3, PIECES)), torch.randint(1, 40, (3, PIECES))
    pieces, chars, languages = torch.randint(0, 256, (3, 6)), torch.randint(0, 512, (3, 7)), torch.tensor([0, 4, 11])
    with torch.no_grad():
        states, mask = deep(ids, shapes, LENGTHS)
        of_net = {
            "entities": deep.entities(states),
            "phrases": deep.phrases(states),
            "deep": deep.sentiment_logits(states, mask),
            "wide": wide(pieces, chars, languages),
        }
    path = tmp_path_factory.mktemp("graph") / "model.onnx"
    export_onnx(deep, wide, byte_ranges(deep, [(ids, shapes, LENGTHS)]), path)
    inputs = {"ids": ids, "shapes": shapes, "lengths": LENGTHS, "languages": languages}
    inputs |= {"piece_buckets": pieces, "char_buckets": chars}
    given = {name: value.numpy() for name, value in inputs.items()}
    of_graph = run(open_session(path.read_bytes(), 1), list(of_net), given)
    return {name: value.numpy() for name, value in of_net.items()}, dict(zip(of_net, of_graph, strict=True))


@pytest.mark.parametrize("name", ["entities", "phrases", "deep", "wide"])
def test_an_output_of_the_graph_is_the_nets_but_for_the_rounding(
    outputs: tuple[dict[str, np.ndarray], dict[str, np.ndarray]], name: str
) -> None:
    of_net, of_graph = outputs
    held = (np.arange(PIECES) < LENGTHS.numpy()[:, None]) if name in ("entities", "phrases") else np.ones(3, bool)

    difference = (of_graph[name] - of_net[name])[held]
    assert np.sqrt((difference**2).mean()) < 0.05 * of_net[name][held].std()


def test_a_texts_answer_does_not_depend_on_the_texts_beside_it(tmp_path: Path) -> None:
    """The scales of the bytes are fixed, and padding counts for nothing."""
    torch.manual_seed(0)
    deep, wide = Deep(CONFIGURATION.deep).eval(), Wide(CONFIGURATION.wide)
    ids, shapes = torch.randint(2, 4_000, (3, PIECES)), torch.randint(1, 40, (3, PIECES))
    export_onnx(deep, wide, byte_ranges(deep, [(ids, shapes, LENGTHS)]), tmp_path / "model.onnx")
    session = open_session((tmp_path / "model.onnx").read_bytes(), 1)
    nothing = np.zeros((3, 1), np.int64)

    def answers(rows: slice, width: int) -> list[np.ndarray]:
        inputs = {"ids": ids[rows, :width].numpy(), "shapes": shapes[rows, :width].numpy()}
        inputs |= {"lengths": LENGTHS[rows].numpy(), "languages": nothing[rows, 0]}
        inputs |= {"piece_buckets": nothing[rows], "char_buckets": nothing[rows]}
        return run(session, ["entities", "deep"], inputs)

    (of_all, sentiment_of_all), (alone, sentiment_alone) = answers(slice(None), PIECES), answers(slice(1, 2), 4)

    np.testing.assert_allclose(alone[0], of_all[1, :4], atol=1e-4)
    np.testing.assert_allclose(sentiment_alone[0], sentiment_of_all[1], atol=1e-4)
