"""Models of dispute onset: fits, scores out of sample, the calibration of the hazard."""
