"""Carbon intensities that users bring: files and services -> series, checked and repaired in the open."""
