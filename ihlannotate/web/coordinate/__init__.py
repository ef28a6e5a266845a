"""Coordinators' pages, split by what they show."""
