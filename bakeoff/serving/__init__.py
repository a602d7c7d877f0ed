"""Predictors in use, champion and challenger; law: nothing is unpickled because a request or a file name said so."""
