"""Mentions to values: numbers, dates, places and actors; each reader works without a model."""


