"""What is measured, each beside its peers: ``python -m benchmarks.NAME``; see docs/benchmarks.md."""
