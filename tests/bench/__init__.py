"""Measurements against the budgets: `python -m tests.bench [server|tablet]`. Never part of a test run."""
