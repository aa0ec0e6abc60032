"""Small models for the tests of the crisis room."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from theory import exact

from detente.crisis.model.model_arrays import Rules, Start, Watch, alias_table
from detente.testing import build

NEVER = 9
ALONE = {
    "excitation.own": 0.0,
    "excitation.allies": 0.0,
    "excitation.attribution": 0.0,
    "mood.gain": 0.0,
    "mood.start": 0.0,
}
ALLIES_COME = {
    "defend": 1.0,
    "defend_quarrel": 1.0,
    "follow": 1.0,
    "follow_quarrel": 1.0,
    "parallel": 0.0,
}
"""Every ally enters, on either side, and nobody else."""
PAIR = build({"AAA": 1.0, "BBB": 1.0}, rivals=[("AAA", "BBB", 3)])
RISE = (0.5, 0.45, 0.4, 0.4, 0.3, 0.0)
FALL = (0.0, 0.01, 0.01, 0.015, 0.015, 0.005)


def rules(
    background,
    *,
    heat=(1.0, 1.8, 3.3, 6.0, 11.0, 20.0),
    rise=RISE,
    fall=FALL,
    offspring=None,
    entries=(),
    gain=0.0,
    memory=30.0,
    keep=None,
    misread=None,
    entry_rung=3,
):
    """Return rules from a background, an offspring matrix and entries (war, opened, chance).

    A chance may be two: if the first side of the war began it, and if the second did.
    """
    background = np.asarray(background, dtype=np.float64)
    n = len(background)
    matrix = np.zeros((n, n)) if offspring is None else np.asarray(offspring, dtype=np.float64)
    keep = np.ones(n) if keep is None else np.asarray(keep, dtype=np.float64)
    misread = np.ones(n) if misread is None else np.asarray(misread, dtype=np.float64)
    total = matrix.sum(axis=1)
    lists = [[(e, p) for w, e, p in entries if w == d] for d in range(n)]
    targets = [np.flatnonzero(matrix[d]) for d in range(n)]
    shares = [np.cumsum(matrix[d][targets[d]]) / (total[d] or 1.0) for d in range(n)]
    candidates = background / keep
    column, alias = alias_table(candidates)
    starts = np.concatenate([[0], np.cumsum([len(t) for t in targets])]).astype(np.int32)
    entry_starts = np.concatenate([[0], np.cumsum([len(x) for x in lists])]).astype(np.int32)
    return Rules(
        background=background,
        heat=np.array(heat, dtype=np.float64),
        rise=np.array(rise, dtype=np.float64),
        misread=misread,
        fall=np.array(fall, dtype=np.float64),
        offspring=total,
        none=np.exp(-total),
        ptr=starts,
        target=np.concatenate(targets).astype(np.int32),
        share=np.concatenate(shares),
        memory=float(memory),
        entry_ptr=entry_starts,
        entry=np.array([e for x in lists for e, _ in x], dtype=np.int32),
        entry_first=np.array([np.ravel(p)[0] for x in lists for _, p in x], dtype=np.float64),
        entry_second=np.array([np.ravel(p)[-1] for x in lists for _, p in x], dtype=np.float64),
        entry_rung=entry_rung,
        gain=float(gain),
        mood_memory=180.0,
        column=column,
        alias=alias,
        keep=keep,
        total=float(candidates.sum()),
    )


def start(rung, excitation=None, mood=None):
    """Return a beginning."""
    n = len(rung)
    return Start(
        np.asarray(rung, dtype=np.int8),
        np.zeros(n) if excitation is None else np.asarray(excitation, dtype=np.float64),
        np.zeros(n) if mood is None else np.asarray(mood, dtype=np.float64),
    )


def watch(n, *, dyads=None, war=NEVER, calm=-1):
    """Return a rule of stopping; none by default."""
    which = np.ones(n, dtype=np.int8) if dyads is None else np.asarray(dyads, dtype=np.int8)
    return Watch(which, war, calm)


def generator(model):
    """Return the generator of a model of a single dyad without excitation."""
    m = model.rules()
    return exact.birth_death_generator(m.background[0] * m.heat * m.rise * m.misread[0], m.fall)


@st.composite
def cases(draw):
    """Draw (rules, start, watch, days): a small model of every kind."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(1, 6))
    matrix = random.uniform(0, 1, (n, n)) * (random.random((n, n)) < 0.6)
    matrix *= draw(st.sampled_from([0.0, 0.3, 0.8])) / max(1.0, matrix.sum(axis=1).max())
    entries = [
        (w, e, tuple(random.uniform(0.2, 1, 2)))
        for w in range(n)
        for e in range(n)
        if w != e and random.random() < 0.5
    ]
    m = rules(
        random.uniform(0, 0.05, n),
        offspring=matrix,
        entries=entries,
        gain=draw(st.sampled_from([0.0, 0.5])),
        keep=random.choice([1.0, 0.6], n),
        misread=random.choice([1.0, 0.7], n),
        entry_rung=draw(st.sampled_from([3, 5])),
        fall=draw(st.sampled_from([FALL, (0.0, 0.05, 0.05, 0.05, 0.05, 0.0)])),
    )
    begin = start(random.integers(0, 6, n), random.uniform(0, 1.5, n), random.choice([0.0, 1.0], n))
    stops = draw(st.sampled_from([(NEVER, -1), (5, 1), (NEVER, 0), (4, -1)]))
    look = watch(n, dyads=random.integers(0, 2, n), war=stops[0], calm=stops[1])
    return m, begin, look, draw(st.sampled_from([30.0, 365.0]))
