"""Tables: reading, storing, typing, judging; law: what comes out is typed alike whatever file or frame it came from."""

from bakeoff.data.conforming import conform
from bakeoff.data.datasets import StoredDataset, dataset_digest, store_dataset
from bakeoff.data.examples import EXAMPLES, Example, write_example
from bakeoff.data.expectation_changes import diff_expectations
from bakeoff.data.expectations import infer_expectations
from bakeoff.data.free_memory import available_mb
from bakeoff.data.guardrails import Guardrail, Judging, guardrails
from bakeoff.data.making import by_frequency, make_schema
from bakeoff.data.reading import TABLE_ENDINGS, file_digest, number_columns, read_table, text_columns
from bakeoff.data.roles import positive_code, role_column, row_groups, row_times, row_weights, split_marks
from bakeoff.data.schema import Column, DroppedColumn, Kind, Schema, Target
from bakeoff.data.schema_json import describe_schema, schema_from_json, schema_to_json
from bakeoff.data.target import decode_labels, encode_target, guess_task, rows_kept, usable_rows

__all__ = [
    "EXAMPLES",
    "TABLE_ENDINGS",
    "Column",
    "DroppedColumn",
    "Example",
    "Guardrail",
    "Judging",
    "Kind",
    "Schema",
    "StoredDataset",
    "Target",
    "available_mb",
    "by_frequency",
    "conform",
    "dataset_digest",
    "decode_labels",
    "describe_schema",
    "diff_expectations",
    "encode_target",
    "file_digest",
    "guardrails",
    "guess_task",
    "infer_expectations",
    "make_schema",
    "number_columns",
    "positive_code",
    "read_table",
    "role_column",
    "row_groups",
    "row_times",
    "row_weights",
    "rows_kept",
    "schema_from_json",
    "schema_to_json",
    "split_marks",
    "store_dataset",
    "text_columns",
    "usable_rows",
    "write_example",
]
