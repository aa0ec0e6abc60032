"""Long work: addressed pieces, computed anywhere, kept whole, gone on with after any stop.

>>> import numpy as np
>>> from detente.runs import Job, carry_out, pieces_of
>>> job = Job({"what": "squares"}, pieces_of([2, 3]), lambda n: {"square": np.array(n * n)})
>>> [int(arrays["square"]) for _, arrays in carry_out(job)]
[4, 9]
"""

from detente.runs.job import carry_out, in_order
from detente.runs.pieces import Arrays, Job, Piece, Progress, pieces_of
from detente.runs.workforce import Workforce, blocks, content_digest, input_digest, one_thread

__all__ = [
    "Arrays",
    "Job",
    "Piece",
    "Progress",
    "Workforce",
    "blocks",
    "carry_out",
    "content_digest",
    "in_order",
    "input_digest",
    "one_thread",
    "pieces_of",
]
