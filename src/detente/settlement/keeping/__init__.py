"""What keeps a settlement: patience, guarantees, and how long past ones held."""
