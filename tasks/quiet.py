"""What Prefect, DVC and great-expectations are told before they start; law: no telemetry, and never over what a person set."""

import os

__all__ = ["NO_TELEMETRY", "QUIET_TERMINAL", "be_quiet"]

NO_TELEMETRY = {
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}
QUIET_TERMINAL = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_CLIENT_MAX_RETRIES": "3",
}
"""The terminal belongs to the leaderboard (logs go to the server as ever), and nobody there waits a minute for a server that is away."""


def be_quiet(*more: dict[str, str]) -> None:
    """Sets the environment of this process and its children; what is set already stays."""
    for settings in (NO_TELEMETRY, *more):
        for name, value in settings.items():
            os.environ.setdefault(name, value)
