"""What `import sim` offers in Python: scenarios in, tables and figures out; the disk only when asked.

`sim/__init__.py` names what is offered and loads the file of this room that has it when it is asked for.
"""
