"""The benchmark's model in Mesa 3, as its users would write it: an agent a dyad, a step a day.

Run by ``python benchmarks/escalation.py --mesa PYTHON`` with the model as JSON on its input.
"""

from __future__ import annotations

import json
import math
import sys
import time

import mesa

TOP = 5


class Dyad(mesa.Agent):
    """One dyad with its rung and its excitation."""

    def __init__(self, model: Crisis, background: float, causes: list, entries: list) -> None:
        super().__init__(model)
        self.background, self.causes, self.entries = background, causes, entries
        self.rung = self.highest = 0
        self.excitation = 0.0
        self.happened = self.at_war = False

    def decide(self) -> None:
        """Draw whether something happens today, and whether it raises the rung."""
        rule, chance = self.model.rule, self.model.random.random
        rate = self.background * rule["heat"][self.rung] + self.excitation
        self.happened = chance() < -math.expm1(-rate)
        self.at_war = False
        if self.happened:
            self.model.incidents += 1
            if chance() < rule["rise"][self.rung]:
                self.rung += 1
                self.highest = max(self.highest, self.rung)
                self.at_war = self.rung == TOP
        elif self.rung and chance() < -math.expm1(-rule["fall"][self.rung]):
            self.rung -= 1
        self.excitation *= math.exp(-1 / rule["memory"])

    def react(self) -> None:
        """Pass on excitation, and draw allies in."""
        if self.happened:
            for other, mean in self.causes:
                self.model.dyads[other].excitation += mean / self.model.rule["memory"]
        if self.at_war:
            for other, odds in self.entries:
                dyad = self.model.dyads[other]
                if dyad.rung < self.model.rule["entry_rung"] and self.model.random.random() < odds:
                    dyad.rung = self.model.rule["entry_rung"]
                    dyad.highest = max(dyad.highest, dyad.rung)


class Crisis(mesa.Model):
    """All dyads."""

    def __init__(self, rule: dict, seed: int) -> None:
        super().__init__(seed=seed)
        self.rule, self.incidents = rule, 0
        rows = zip(rule["background"], rule["causes"], rule["entries"], strict=True)
        self.dyads = [Dyad(self, *row) for row in rows]

    def step(self) -> None:
        """Let a day pass."""
        self.agents.do("decide")
        self.agents.do("react")


def main() -> None:
    """Run the replicas that the input asks for and print time, wars and incidents."""
    rule = json.load(sys.stdin)
    start = time.process_time()
    wars = incidents = 0
    for seed in range(rule["replicas"]):
        crisis = Crisis(rule, seed)
        for _ in range(round(rule["days"])):
            crisis.step()
        wars += sum(dyad.highest == TOP for dyad in crisis.dyads)
        incidents += crisis.incidents
    n = rule["replicas"]
    print(time.process_time() - start, wars / n, incidents / n)


if __name__ == "__main__":
    main()
