"""Who will do well on a call: learnt from outcomes, calibrated, unsure where little is known."""
