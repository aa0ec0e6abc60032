"""Who says so: the field's data sets, read, checked, kept, and turned into arrays and panels.

The names of this room that users need are in `detente` itself; inside the room a module is
imported by its own name, so that nothing is loaded before it is used.
"""
