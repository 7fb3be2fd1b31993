"""Lossless sentence splitting for Chinese and English."""
