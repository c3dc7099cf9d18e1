"""A fault harness for the till: it is stopped, torn, lied to and filled up, and then its books are checked."""
