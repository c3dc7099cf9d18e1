"""The one model, in PyTorch: needed to train, never to serve."""
