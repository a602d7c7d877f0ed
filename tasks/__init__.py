"""Prefect tasks, one file per step; law: thin; paths and small frozen values in and out, no class, never a data frame."""

from tasks.quiet import be_quiet

be_quiet()
