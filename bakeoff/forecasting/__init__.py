"""Time-series frames, calendars, forecasters and backtests; law: no forecast ever sees a row later than its cutoff."""
