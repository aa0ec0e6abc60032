"""What membership is worth to each, for any set of members of an organisation."""
