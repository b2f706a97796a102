"""Forecasters of carbon intensity, one a file."""
