"""Random visits through the real app, from the taps to the lead's page: `python -m tests.walks`."""
