"""Every file that declares something is in its registry, under its own name."""

from pathlib import Path

import pytest

import bakeoff.algorithms
import bakeoff.features
from bakeoff.algorithms import ALGORITHMS
from bakeoff.evaluation import METRICS
from bakeoff.features import FEATURIZERS, RECIPES

MACHINERY = {
    "algorithms": {"__init__", "_epochs", "_forest", "_probabilities", "card", "registry"},
    "features": {"__init__", "card", "customizing", "encoding", "filling", "imputing", "recipes", "scaling", "target_transforms"},
}


@pytest.mark.parametrize(
    ("room", "cards"), [(bakeoff.algorithms, ALGORITHMS), (bakeoff.features, FEATURIZERS)], ids=["algorithms", "features"]
)
def test_each_file_is_one_card_of_its_name(room: object, cards: tuple[object, ...]) -> None:
    folder = Path(room.__file__).parent  # type: ignore[attr-defined]
    files = {path.stem for path in folder.glob("*.py")} - MACHINERY[folder.name]
    assert sorted(card.name for card in cards) == sorted(files)  # type: ignore[attr-defined]


@pytest.mark.parametrize("cards", [ALGORITHMS, FEATURIZERS, RECIPES, METRICS], ids=["algorithms", "featurizers", "recipes", "metrics"])
def test_names_are_unique(cards: tuple[object, ...]) -> None:
    names = [card.name for card in cards]  # type: ignore[attr-defined]
    assert len(names) == len(set(names))


def test_recipes_name_featurizers_that_exist_and_share_no_kind() -> None:
    found = {card.name: card for card in FEATURIZERS}
    for recipe in RECIPES:
        kinds = [kind for name in recipe.featurizers for kind in found[name].kinds]
        assert len(kinds) == len(set(kinds))
        assert {"numeric", "boolean", "categorical", "datetime"} <= set(kinds)
