"""Hosts in the cloud and what befalls them, minute by minute."""
