"""The model of escalation: from an architecture to dyads, rungs and rates, and acts upon them."""
