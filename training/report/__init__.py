"""The evaluation report of a model: its charts, its model card, and the page that holds both."""
