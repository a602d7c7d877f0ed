"""What an experiment says; law: names only, resolved later, nothing heavy imported."""

from bakeoff.params.model import RunParams, Task
from bakeoff.params.overrides import RunOverrides, given_overrides
from bakeoff.params.reading import digest_of, merge, parse_assignments, read_params, validate

__all__ = ["RunOverrides", "RunParams", "Task", "digest_of", "given_overrides", "merge", "parse_assignments", "read_params", "validate"]
