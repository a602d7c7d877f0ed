"""Prefect flows, one file each; law: a flow composes tasks and reads as a recipe; no class is defined here."""
