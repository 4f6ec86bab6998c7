"""Implementations of :class:`sentiment_core.ports.FeedbackStore`."""
