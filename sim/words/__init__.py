"""What people write, and what they are told of it: texts, dates and durations, problems, what is absent."""
