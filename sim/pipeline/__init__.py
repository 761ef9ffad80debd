"""The flow of a run: `pipeline` is the whole of it as one function, the other files are its steps."""
