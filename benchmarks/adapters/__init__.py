"""Bakeoff as other systems' comparisons drive it; law: the flow that users run, nothing private."""
