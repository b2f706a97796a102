"""Self-contained HTML pages: no network, readable without a script, on a telephone and on a wall."""
