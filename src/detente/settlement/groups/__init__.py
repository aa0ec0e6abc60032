"""Group decisions: elections, challenges and rounds among actors with positions."""
