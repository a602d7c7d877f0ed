"""Every file that declares something is in its registry, under its own name."""

from pathlib import Path

import pytest

import bakeoff.algorithms
import bakeoff.features
from bakeoff.algorithms import ALGORITHMS
from bakeoff.data.schema import Column, Kind, Schema, Target
from bakeoff.evaluation import METRICS
from bakeoff.features import FEATURIZERS, RECIPES, RecipeCard

MACHINERY = {
    "algorithms": {
        "__init__",
        "_epochs",
        "_forest",
        "_hidden",
        "_members",
        "_patience",
        "_penalty_path",
        "_probabilities",
        "_scoring",
        "card",
        "registry",
    },
    "features": {
        *(
            "__init__",
            "_boosting",
            "_ngrams",
            "_out_of_fold",
            "_reading",
            "_ridge",
            "_words",
            "_work",
            "card",
            "customizing",
            "encoding",
            "filling",
            "imputing",
            "recipes",
            "scaling",
            "screening",
        ),
        "target_transforms",
    },
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


KINDS: tuple[Kind, ...] = ("numeric", "boolean", "categorical", "datetime", "text", "list")
COLUMNS = (*(Column(kind, kind, "x", ("a", "b")) for kind in KINDS), Column("many", "categorical", "x", tuple(map(str, range(100)))))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_recipes_name_featurizers_that_exist_and_no_column_is_left_to_what_only_adds(recipe: RecipeCard) -> None:
    found = {card.name: card for card in FEATURIZERS}
    assert set(recipe.featurizers) <= set(found)
    assert len(recipe.featurizers) == len(set(recipe.featurizers))
    assert {*recipe.only, *recipe.parameters} <= set(recipe.featurizers)
    taken = {}
    for column in COLUMNS:
        cards = [found[name] for name in recipe.featurizers if recipe.columns_for(found[name], Schema("", Target("", ""), (column,)))]
        assert sum(card.gives_codes for card in cards) <= 1
        taken[column.name] = any(not card.adds for card in cards)
    left_out = {
        "quick": ["list"],
        "plain": ["text", "list"],
        "imputed_plain": ["text", "list"],
        "nothing": [column.name for column in COLUMNS],
    }
    assert [name for name, is_taken in taken.items() if not is_taken] == left_out.get(recipe.name, [])
