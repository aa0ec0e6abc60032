"""Games, networks, cascades and ways as functions of arrays: no state and no treaty in them."""
