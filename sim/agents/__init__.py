"""Agents: what keeps a memory while a lever acts, each in a file of its own, loaded only to simulate."""
