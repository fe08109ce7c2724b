"""Tests of the tax arithmetic."""
