"""Pages of settlements: offers against fighting on, and the table with and without a party."""
