"""Named axes -> tasks -> verified rows: serial, in processes, or on a Dask cluster."""
