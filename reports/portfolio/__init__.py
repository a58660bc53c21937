"""The portfolio: all clients of a consultancy or sponsor on one page."""
