"""Which words and which recordings of the line are in use: pure choice, without a database."""
