"""The people who work with Pikett: who they are and what they may do (A.7). Pure."""
