"""Greenup, powerup and speedup of the scenarios (protocol 9; MODEL.md 9)."""
