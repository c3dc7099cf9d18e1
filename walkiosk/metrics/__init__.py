"""What scores of skills and of fitted pairs count alike: wrong words and letters, intervals by bootstrap."""
