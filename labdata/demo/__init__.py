"""The demo lab: a published study as a lab would have kept it."""

from labdata.demo.load import load_demo

__all__ = ["load_demo"]
