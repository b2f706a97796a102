"""Forecasters of carbon intensity and demand, one a file, and how wrong they were."""
