"""The audit: who is secure, is security indivisible, who pays for whom, and how sure we are."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detente import arguments
from detente import lenses as lens_room
from detente.architecture.changes import Change, moves_of
from detente.architecture.sentences import understand
from detente.architecture.value import Architecture
from detente.auditing.alternatives import Alternative, alternatives_of
from detente.auditing.assembly import assemble
from detente.auditing.change_notes import add_setting, conflicts_of, counts_without, notes_on
from detente.auditing.feasible_changes import RULE, feasible, rules
from detente.auditing.screening import Finding, Problem, screen_draws
from detente.auditing.table_answers import change_of, items_of, touched_by, with_table
from detente.auditing.verdicts import Threshold, judge
from detente.auditing.views import reading
from detente.errors import DetenteError, MissingData, Undefined, UnknownName, UsageError
from detente.evidence.resolve import architecture_of
from detente.lenses.protocol import Lens
from detente.results.result import Result

VIEWS_MODULE = "detente.auditing.views"
DEFAULT_LENS = lens_room.DEFAULT
DEFAULT_DRAWS = 500
TWICE = 3
"""Changes given more than once that a refusal names."""
MATERIALITY = 0.01
MOST_DRAWS = 1_000_000
TABLE_DRAWS = 200
"""Draws for what is on the table, which every lens answers; shares are then within 7 %."""


@dataclass(frozen=True)
class DrawsRun:
    """Where the draws of an audit are worked out and kept: a folder, a cluster, or both."""

    out: Path | None
    cluster: str | None
    settings: dict[str, Any]

    def folder(self, lens: Lens) -> Path | None:
        """Return where the draws under one lens are kept."""
        return None if self.out is None else self.out / lens.name.replace(":", "-")


def audit(
    architecture: Architecture | str | os.PathLike[str],
    changes: Change | str | Sequence[Change | str] | None = None,
    *,
    lens: str | Lens | Sequence[str | Lens] = DEFAULT_LENS,
    draws: int = DEFAULT_DRAWS,
    seed: int = 0,
    materiality: float = MATERIALITY,
    tolerance: float | None = None,
    parameters: Mapping[str, float] | None = None,
    kinds: Collection[str] | None = None,
    on_the_table: bool | None = None,
    concerns: str | Collection[str] = (),
    alternatives: bool = True,
    threads: int | None = None,
    out: str | os.PathLike[str] | None = None,
    cluster: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Result:
    """Audit a security architecture: every feasible single change, or the changes given.

    Parameters
    ----------
    architecture : Architecture, str or path
        What to audit; a string is the name of a bundled scenario or a path of a package.
    changes : change, sentence or several, optional
        What to try, for instance ``join("UKR", "NATO")`` or ``"UKR joins NATO"``; every feasible
        single change if left out (`detente.auditing.feasible_changes`).
    lens : str, Lens or several
        Through which model; ``"all"`` for every one. The default is this
        project's own, ``coalition``.
    draws : int
        Number of draws of the lens's uncertain parameters; 0 for the point estimate alone.
    seed : int
        Seed of the draws.
    materiality : float
        A want or a harm counts beyond this share of the interquartile range of security, under
        lenses that declare no tolerance of their own.
    tolerance : float, optional
        The same in the unit of the lenses that declare one; it is drawn if left out.
    parameters : mapping, optional
        Values of lens parameters, ``"beta"`` or ``"contest.beta"``; a value given is not drawn.
    kinds : collection of str, optional
        Which kinds of feasible change to try, of `RULE` (all of them by default) and
        `ON_REQUEST`.
    on_the_table : bool, optional
        Whether to answer what the scenario has on the table: by default beside the feasible
        changes, True: instead of them, False: not at all.
    concerns : str or collection of str, optional
        States; only changes that edit a tie of one of them, or that one asks for or decides.
    alternatives : bool
        Whether to say what paper alliances at full weight, other thresholds and other measures
        of capability would change.
    threads : int, optional
        Number of threads; the result does not depend on it.
    out : path, optional
        A folder: blocks of draws are kept in it as they are done, the same call goes on from what
        is there even after a kill, and ``result.zarr`` is the result.
    cluster : str, optional
        Address of a Dask scheduler, such as ``"tcp://10.0.0.5:8786"``, whose workers do the draws,
        to the same result.
    progress : callable, optional
        Called with (what is being done, steps done, steps in all).

    Returns
    -------
    Result
        A labelled dataset that prints, plots and saves itself.

    Raises
    ------
    Undefined
        If no lens asked for has an answer for the architecture; says why, naming the state.
    UsageError
        If an argument makes no sense.

    Notes
    -----
    `detente.auditing.verdicts` defines wanted, harm, witness, index and zero-sumness.
    """
    if not isinstance(draws, int) or not 0 <= draws <= MOST_DRAWS:
        raise UsageError(f"the number of draws lies between 0 and {MOST_DRAWS:,}, not {draws}")
    if arguments.whole("seed", seed, -np.inf) < 0:
        raise UsageError(f"a seed cannot be negative: {seed}")
    if not 0 <= arguments.real("materiality", materiality) < np.inf:
        raise UsageError(f"materiality must be zero or positive, not {materiality:g}")
    if threads is not None:
        arguments.whole("threads", threads)
    if kinds is not None:
        kinds = arguments.several("kinds", kinds, str)
    arguments.to_call("progress", progress)
    arguments.texts(out=out, cluster=cluster)
    if isinstance(concerns, str):
        concerns = [concerns]
    concerns = arguments.several("concerns", concerns, str)
    g = architecture_of(architecture)
    chosen = choose(lens)
    threshold = _threshold(materiality, tolerance, chosen)
    fixed = split_parameters(arguments.numbers("parameters", parameters), chosen)
    about = {g.state(code) for code in concerns}
    asked = _on_the_table(g, changes, kinds, on_the_table, about)
    if on_the_table:
        changes = [change for _, change in asked if change is not None]
    listed = _changes(g, changes, kinds, about)
    problem = Problem.of(g.system, moves_of(g, listed))
    run = _run_of(g, listed, out, cluster, fixed, seed, materiality, tolerance)
    findings = [
        examine(
            each_lens,
            problem,
            fixed[each_lens.name],
            draws=draws,
            seed=seed,
            threshold=threshold,
            threads=threads,
            run=run,
            progress=progress,
        )
        for each_lens in chosen
    ]
    if all(finding.reason for finding in findings):
        raise Undefined("; ".join(f"{f.lens.name}: {f.reason}" for f in findings))
    others: list[Alternative] = []
    if alternatives:
        others = alternatives_of(
            g,
            [f for f in findings if not f.reason],
            threshold,
            None if changes is None else listed,
            tuple(RULE) if kinds is None else kinds,
        )
    result = assemble(
        g,
        listed,
        problem,
        findings,
        others,
        draws=draws,
        seed=seed,
        threshold=threshold,
        rule=rules(tuple(RULE) if kinds is None else kinds) if changes is None else {},
    )
    answered = [finding for finding in findings if not finding.reason]
    if changes is not None:
        add_setting(result, "notes", notes_on(g, listed, answered, problem))
        add_setting(result, "conflicts", conflicts_of(g, listed))
    else:
        add_setting(result, "switches", counts_without(answered, problem))
    if asked:
        answers = None
        if any(change is not None for _, change in asked):
            answers = audit(
                g,
                list({str(change): change for _, change in asked if change is not None}.values()),
                lens="all",
                draws=min(draws, TABLE_DRAWS),
                seed=seed,
                materiality=materiality,
                tolerance=tolerance,
                parameters=parameters,
                on_the_table=False,
                alternatives=False,
                threads=threads,
                progress=progress,
            )
        labelled = [
            {**row, "label": None if change is None else str(change)} for row, change in asked
        ]
        with_table(result, labelled, answers, only=bool(on_the_table))
    result.data.attrs["reading"] = reading(result)
    if out is not None:
        result.save(Path(out) / "result.zarr")
    return result


def _on_the_table(
    g: Architecture,
    changes: object,
    kinds: Collection[str] | None,
    wanted: bool | None,
    about: Collection[str],
) -> list[tuple[dict[str, Any], Change | None]]:
    """Return the items on the table that are to be answered, each with its change."""
    if wanted and changes is not None:
        raise UsageError("changes were given: what is on the table is answered instead of them")
    if wanted and kinds is not None:
        raise UsageError("kinds choose among the feasible changes, not on the table")
    if changes is not None or wanted is False:
        return []
    asked = [(row, change_of(g, row)) for row in items_of(g, about)]
    if wanted and not any(change is not None for _, change in asked):
        whom = f" that concerns {', '.join(sorted(about))}" if about else ""
        raise UsageError(f"{g.name} has nothing on the table{whom} that edits a tie")
    return asked


def _run_of(
    g: Architecture,
    listed: Sequence[Change],
    out: str | os.PathLike[str] | None,
    cluster: str | None,
    given: Mapping[str, Mapping[str, float]],
    seed: int,
    materiality: float,
    tolerance: float | None,
) -> DrawsRun | None:
    """Return where draws are worked out and kept, if not simply here."""
    if out is None and cluster is None:
        return None
    if out is not None and not os.fspath(out):
        raise UsageError("the name of the folder is empty")
    sentences = "\n".join(map(str, listed))
    settings = {
        "scenario": {"name": g.name, "digest": g.digest},
        "changes": hashlib.sha256(sentences.encode()).hexdigest()[:16],
        "parameters": {name: dict(values) for name, values in given.items()},
        "seed": seed,
        "materiality": materiality,
        "tolerance": tolerance,
    }
    return DrawsRun(None if out is None else Path(out), cluster, settings)


def examine(
    lens: Lens,
    problem: Problem,
    given: Mapping[str, float],
    *,
    draws: int,
    seed: int,
    threshold: Threshold,
    threads: int | None = None,
    run: DrawsRun | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Finding:
    """Return what one lens finds; a lens without an answer says why instead of vanishing."""
    values = lens.values(given)
    try:
        security = lens.security(problem.system, values)
    except (Undefined, MissingData) as error:
        return Finding(lens, values, dict(given), reason=str(error))
    tol = threshold.point(lens, security)
    screen = problem.screen(lens, values, tol)
    deltas = problem.deltas(lens, values) if problem.per_state else None
    sampled = None
    if draws:
        sampled = screen_draws(
            lens,
            problem,
            draws,
            seed=seed,
            threshold=threshold,
            given=given,
            threads=threads,
            folder=None if run is None else run.folder(lens),
            cluster=None if run is None else run.cluster,
            settings=None if run is None else run.settings,
            progress=None if progress is None else (lambda d, n: progress(lens.name, d, n)),
        )
    says = judge(screen, tol, problem.twins(lens))
    return Finding(lens, values, dict(given), "", security, tol, screen, says, deltas, sampled)


def _threshold(materiality: float, tolerance: float | None, chosen: Sequence[Lens]) -> Threshold:
    """Return what a delta must exceed, if it can be that."""
    if tolerance is not None:
        if not 0 <= arguments.real("tolerance", tolerance) < np.inf:
            raise UsageError(f"a tolerance must be zero or positive, not {tolerance:g}")
        if all(lens.tolerance is None for lens in chosen):
            names = ", ".join(lens.name for lens in chosen)
            raise UsageError(
                f"{names} declares no tolerance of its own: set materiality, a share of the "
                "spread of security"
            )
    return Threshold(materiality, tolerance)


def choose(lens: str | Lens | Sequence[str | Lens]) -> list[Lens]:
    """Return the lenses that were asked for, each once; ``"all"`` stands for every one."""
    asked = arguments.several("lens", lens, str, Lens)
    if not asked:
        raise UsageError("an audit needs a lens; list them with: detente lenses")
    chosen: dict[str, Lens] = {}
    for asked_for in asked:
        for name in lens_room.names() if asked_for == "all" else [asked_for]:
            instance = lens_room.find(name)
            chosen.setdefault(instance.name, instance)
    return list(chosen.values())


def split_parameters(
    parameters: Mapping[str, float], chosen: Sequence[Lens]
) -> dict[str, dict[str, float]]:
    """Return the values given for each lens, checked.

    A plain name goes to every lens that has the parameter, ``lens.name`` to that lens.
    """
    fixed: dict[str, dict[str, float]] = {lens.name: {} for lens in chosen}
    pairs = [(lens.key, p.name) for lens in chosen for p in lens.parameters]
    names = {name for key, name in pairs} | {f"{key}.{name}" for key, name in pairs}
    for name, value in parameters.items():
        hit = False
        for lens in chosen:
            for p in lens.parameters:
                if name in (p.name, f"{lens.key}.{p.name}"):
                    fixed[lens.name][p.name] = value
                    hit = True
        if not hit:
            key = name.partition(".")[0]
            hint = "List them with: detente lenses"
            if key in lens_room.names() and key not in {lens.key for lens in chosen}:
                hint = f"The lens {key} is not among those asked for."
            raise UnknownName("parameter", name, names, hint)
    for lens in chosen:
        lens.values(fixed[lens.name])
    return fixed


def _changes(
    g: Architecture,
    changes: Change | str | Sequence[Change | str] | None,
    kinds: Collection[str] | None,
    about: Collection[str],
) -> list[Change]:
    if changes is None:
        tried = feasible(g, tuple(RULE) if kinds is None else kinds)
        tried = [change for change in tried if not about or set(about) & touched_by(g, change)]
        if not tried:
            whom = f" and concerns {', '.join(sorted(about))}" if about else ""
            raise UsageError(f"no change of these kinds is feasible in {g.name}{whom}")
        return tried
    if kinds is not None:
        raise UsageError("kinds choose among the feasible changes; changes were given")
    asked = arguments.several("changes", changes, str, Change)
    if not asked:
        raise UsageError("the list of changes is empty")
    faults, bound = [], []
    for item in asked:
        try:
            bound.append(understand(g, item) if isinstance(item, str) else item.bound(g))
        except DetenteError as error:
            faults.append(f"{str(item) or 'an empty sentence'}: {error}")
    if faults:
        raise UsageError("\n".join(faults))
    twice = sorted(str(item) for item, times in Counter(bound).items() if times > 1)
    if twice:
        more = f"; and {len(twice) - TWICE:,} more" if len(twice) > TWICE else ""
        raise UsageError(f"given more than once: {'; '.join(twice[:TWICE])}{more}")
    return bound
