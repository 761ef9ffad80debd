"""The rules of selling: pure functions of numbers and arrays, one topic a file."""
