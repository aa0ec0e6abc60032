"""The field's data sets: opened, recognised, checked and kept with their citations."""
