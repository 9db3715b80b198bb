"""Renders values for people and machines; computes no facts and reads no files."""
