"""The model that the package ships; MODEL_CARD.md beside this file says what it is."""

from pathlib import Path

PACKAGED = Path(__file__).parent
"""The folder of the shipped model."""
