"""What is timed, how, and on which machine. `make bench` runs everything; results are JSON with machine and date."""
