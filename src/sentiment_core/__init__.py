"""Sentiment, entities and key phrases behind one port: models, ports, policies and errors, without any vendor."""
