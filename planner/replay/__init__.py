"""Replay: a policy plays the instance hour by hour, seeing no more than it could know (MODEL.md 8)."""
