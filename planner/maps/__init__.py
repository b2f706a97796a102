"""hour -> region maps: the region of lowest carbon intensity, exactly, with switches and stays limited (MODEL.md 9)."""
