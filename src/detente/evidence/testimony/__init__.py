"""Testimony: who says so, according to whom, and how sure they are.

A reader turns an article into claims, each with its chain of speakers, its hedges and its place
in the text; a scorer measures the reader against annotation by hand. A claim is never a fact:
the room proposes rows, and a person accepts them one by one.
"""
