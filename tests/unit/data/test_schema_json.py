"""A schema as JSON: whole for a run, short on a card."""

from dataclasses import replace

from bakeoff.data import Column, Schema, Target, describe_schema, schema_to_json

MANY = Column("street", "categorical", "str", tuple(f"{number} Elm St" for number in range(130)))
FEW = Column("size", "categorical", "str", ("small", "large"))
SCHEMA = Schema("regression", Target("price", "float64"), (MANY, FEW, Column("rooms", "numeric", "int64")), ())


def test_a_description_names_the_most_frequent_categories_and_counts_the_others() -> None:
    street, size, rooms = describe_schema(SCHEMA)["columns"]
    assert street["categories"] == MANY.categories[:100]
    assert street["more_categories"] == 30
    assert size["categories"] == FEW.categories
    assert "more_categories" not in {**size, **rooms}


def test_but_for_that_it_is_the_schema() -> None:
    few = replace(SCHEMA, columns=(replace(MANY, categories=MANY.categories[:100]), FEW))
    assert describe_schema(few) == schema_to_json(few)
