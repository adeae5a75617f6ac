"""Roof. What fails on purpose: a scripted upstream, and a config rehearsed against it."""
