"""The command line; law: one file per command, nothing heavy imported before a command runs, mistakes shown without a traceback."""
