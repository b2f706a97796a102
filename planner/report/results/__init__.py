"""The results of a campaign as one page, and as tables for a paper."""
