"""A small real set of pairs for each of the 36 cells, input modality × target modality: `python -m training.pairs`."""
