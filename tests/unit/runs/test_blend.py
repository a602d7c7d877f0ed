"""Blends: a mean, a line, a softmax of logits; what JSON keeps of them."""

import json

import numpy as np
import pytest

from bakeoff.runs import Blend, LinearBlend, LogitBlend, MeanBlend, blend_from_json, blend_to_json

FIRST = np.array([[0.8, 0.2], [0.5, 0.5]])
SECOND = np.array([[0.4, 0.6], [0.1, 0.9]])


def test_a_mean_weighs_its_members() -> None:
    assert MeanBlend((0.25, 0.75)).combine([FIRST, SECOND]) == pytest.approx(np.array([[0.5, 0.5], [0.2, 0.8]]))


def test_a_line_may_stretch_and_shift() -> None:
    assert LinearBlend((2.0, 0.0), 1.0).combine([np.array([1.0, 2.0]), np.array([9.0, 9.0])]) == pytest.approx([3, 5])


def test_logits_of_weight_one_give_a_member_back_and_of_more_sharpen_it() -> None:
    assert LogitBlend((1.0, 0.0), (0.0, 0.0)).combine([FIRST, SECOND]) == pytest.approx(FIRST)
    assert LogitBlend((2.0, 0.0), (0.0, 0.0)).combine([FIRST, SECOND])[0] == pytest.approx(np.array([0.64, 0.04]) / 0.68)


def test_a_certain_member_is_not_infinitely_certain() -> None:
    certain = np.array([[1.0, 0.0]])
    assert LogitBlend((0.5, 0.5), (0.0, 0.0)).combine([certain, certain[:, ::-1]]) == pytest.approx(np.array([[0.5, 0.5]]))


@pytest.mark.parametrize("blend", [MeanBlend((0.5, 0.5)), LinearBlend((0.2, 0.9), -3.5, 0.0), LogitBlend((1.5, 0.1), (0.2, -0.2))])
def test_json_keeps_all_but_the_weights(blend: Blend) -> None:
    assert blend_from_json(json.loads(json.dumps(blend_to_json(blend))), blend.weights) == blend
    assert "weights" not in blend_to_json(blend)
