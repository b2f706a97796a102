"""Pictures: one function a file, (data, ax=None) -> Axes, that touch no global state; `save_figure` writes them."""
