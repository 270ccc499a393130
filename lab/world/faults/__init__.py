"""What can go wrong in the shop: a catalogue of faults, each with its truth and its twin."""
