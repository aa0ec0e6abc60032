"""Edits beyond membership, treaties, rivalries and arms: one file for what belongs together.

`pledges` holds promises that are no alliance, `forces` what stands or is delivered abroad,
`quarrels` a change of intensity, `organisations` founding and dissolving, and `rows` an edit as a
proposal states it, for many states at once or for none that a model could see.
"""
