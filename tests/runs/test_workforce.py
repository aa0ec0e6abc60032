"""Bootstraps as long work: the same bits on threads, in processes and after a stop."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from detente.evidence.forecast.scores import Scores, score
from detente.runs import Job, Workforce, blocks, content_digest, pieces_of

sys.path.insert(0, str(Path(__file__).parents[1] / "crisis"))


def scored(work=None, draws=90):
    """Return the scores of made-up predictions with bootstrap intervals."""
    random = np.random.default_rng(5)
    p = random.uniform(size=3000)
    y = (random.uniform(size=3000) < p**2).astype(float)
    return score(p, y, np.arange(3000) // 5, draws=draws, seed=3, work=work)


def same(first: Scores, second: Scores) -> bool:
    """Return whether two scores agree to the last bit."""
    return (first.low, first.high, first.deciles) == (second.low, second.high, second.deciles)


WHERE = [Workforce(threads=3), Workforce(processes=2)]


@pytest.mark.parametrize("work", WHERE, ids=str)
def test_the_intervals_of_scores_do_not_depend_on_who_draws(work):
    """Threads and processes give the intervals of this thread alone."""
    assert same(scored(), scored(work))


@pytest.mark.parametrize("work", WHERE, ids=str)
def test_the_intervals_of_fitted_rates_do_not_depend_on_who_draws(work):
    """Rates of climbing and falling are resampled anywhere, with the same intervals."""
    from test_calibrate import calibrate, disputes

    sample, span = disputes(1500, seed=2), {"until": 1960, "later": (1961, 1970)}
    alone = calibrate(sample, resamples=12, **span)

    assert alone.interval == calibrate(sample, resamples=12, work=work, **span).interval


@pytest.mark.parametrize("work", WHERE, ids=str)
def test_the_intervals_of_an_excitation_do_not_depend_on_who_draws(work):
    """Background, branching ratio and memory are fitted to the same samples anywhere."""
    from test_excitation import draw, events_of, fit_events

    events = events_of(draw([0.01, 0.02], 0.4, 12.0, 2500), until=2499)
    alone = fit_events(events, resamples=25)
    spread = fit_events(events, resamples=25, work=work)

    assert (alone.mean, alone.branching, alone.memory) == (
        spread.mean, spread.branching, spread.memory,
    )  # fmt: skip


class Stopping:
    """A progress that stops the work after some pieces, as Ctrl-C does."""

    def __init__(self, after):
        self.after, self.seen = after, []

    def __call__(self, done, whole):
        """Note how far the work is."""
        self.seen.append(done)
        if len(self.seen) == self.after:
            raise KeyboardInterrupt


def test_a_bootstrap_goes_on_where_it_was_stopped(tmp_path):
    """What was drawn before a stop is not drawn again, and the intervals are the same."""
    with pytest.raises(KeyboardInterrupt):
        scored(Workforce(folder=tmp_path, progress=Stopping(2)))
    kept = len(list(tmp_path.glob("*/pieces/*.npz")))
    progress = Stopping(0)

    again = scored(Workforce(folder=tmp_path, progress=progress))

    assert kept == 2
    assert kept == progress.seen[0]
    assert same(scored(), again)


def test_work_with_other_settings_is_kept_beside(tmp_path):
    """What another run left in the folder is neither refused nor taken for this one."""
    scored(Workforce(folder=tmp_path), draws=40)

    assert same(scored(), scored(Workforce(folder=tmp_path)))
    assert 2 == len(list(tmp_path.iterdir()))


def test_blocks_cover_every_draw_once():
    """Blocks follow one another without gap, the last one as long as what is left."""
    assert [(0, 4), (4, 8), (8, 9)] == blocks(9, 4)
    assert [] == blocks(0, 4)


def test_a_digest_of_input_heeds_values_and_shape():
    """Other values, another type or another shape are another input."""
    a = np.arange(6.0)
    digests = {content_digest([x]) for x in (a, a[::-1], a.reshape(2, 3), a.astype(np.float32))}

    assert 4 == len(digests)
    assert content_digest([a]) == content_digest([a.copy()])


def test_a_folder_within_a_folder():
    """Parts of a question keep their pieces apart; without a folder nothing is kept."""
    assert Path("run/first") == Workforce(folder=Path("run")).under("first").folder
    assert Workforce().under("first").folder is None
    job = Job({}, pieces_of([1]), lambda address: {"x": np.array(address)})
    assert [1] == [int(arrays["x"]) for _, arrays in Workforce().carry_out(job, "any")]
