"""What talks to the operating system: files, the lock of a run, signals, other processes. Nothing else does."""
