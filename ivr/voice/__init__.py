"""From prompts to words and from words to sound."""
