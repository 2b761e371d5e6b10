"""Benchmarks: ratios measured in one run, against small baselines. `python -m tests.bench --help`."""
