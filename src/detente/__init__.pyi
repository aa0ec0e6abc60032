"""The public names: one line a module. This file is their one source."""

from detente.architecture.changes import Change as Change
from detente.architecture.changes import arm as arm
from detente.architecture.changes import commit as commit
from detente.architecture.changes import disarm as disarm
from detente.architecture.changes import dissolve as dissolve
from detente.architecture.changes import ease as ease
from detente.architecture.changes import estrange as estrange
from detente.architecture.changes import found as found
from detente.architecture.changes import guarantee as guarantee
from detente.architecture.changes import join as join
from detente.architecture.changes import leave as leave
from detente.architecture.changes import neutral as neutral
from detente.architecture.changes import pledge as pledge
from detente.architecture.changes import reconcile as reconcile
from detente.architecture.changes import sharpen as sharpen
from detente.architecture.changes import station as station
from detente.architecture.changes import stop_supplying as stop_supplying
from detente.architecture.changes import supply as supply
from detente.architecture.changes import withdraw as withdraw
from detente.architecture.changes import withdraw_forces as withdraw_forces
from detente.architecture.difference import diff as diff
from detente.architecture.mapping import TieMapping as TieMapping
from detente.architecture.package.finding import bundled as bundled
from detente.architecture.proposals import propose as propose
from detente.architecture.sentences import parse as parse
from detente.architecture.value import Architecture as Architecture
from detente.auditing.feasible_changes import feasible as feasible
from detente.auditing.run import audit as audit
from detente.crisis.questions.committor import committor as committor
from detente.crisis.questions.intervene import intervene as intervene
from detente.crisis.questions.no_return import no_return as no_return
from detente.crisis.questions.rare import rare as rare
from detente.crisis.questions.trajectories import trajectories as trajectories
from detente.crisis.run.simulation import simulate as simulate
from detente.evidence.history import history as history
from detente.evidence.panel.rows import panel as panel
from detente.evidence.resolve import load as load
from detente.results.drawing import plot as plot
from detente.results.drawing import report as report
from detente.results.opening import open as open
from detente.results.result import Result as Result

__version__: str
