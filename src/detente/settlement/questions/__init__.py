"""The questions: offers against fighting on, and the table without a party."""
