"""What a request costs: `python -m tests.bench` measures it, `test_counts.py` keeps what can be counted."""
