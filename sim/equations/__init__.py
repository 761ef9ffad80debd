"""Pure functions of numbers and arrays, one topic a file, each with its source."""
