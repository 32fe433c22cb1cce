"""Types of metrics. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations
