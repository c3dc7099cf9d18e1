"""Series out of long CSV files (``unique_id, ds, y``): read, checked, put on a grid of steps; never a silent drop."""
