"""What lies in `results/`: names, reading and writing, the text of tables, what stands at a path."""
