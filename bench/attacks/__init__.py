"""Attacks on the kiosk by what is said to it: no price, cap or stock may change, and nobody's data may be told."""
