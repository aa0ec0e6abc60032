"""The crisis room: what if it burns.

The ladder and the record of incidents, attributions and signals; a model of escalation with its
compiled kernel; and the questions asked of it.
"""
