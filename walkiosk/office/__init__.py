"""The operator's side: what customers say, what sold, what will sell, what to order."""
