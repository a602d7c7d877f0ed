"""The roads with the real things: server, worker, DVC, git, signals; law: each in its own copy of the project, no process outlives it."""
