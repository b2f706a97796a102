"""The oracle by windows: pieces of the horizon, solved apart and put together into a plan and a certified bound."""
