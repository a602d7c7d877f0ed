"""Which columns a predictor listens to; law: explains what was trained, in raw columns' names, and never costs the run."""
