"""Tests of what billing keeps."""
