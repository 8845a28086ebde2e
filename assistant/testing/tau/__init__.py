"""The retail tasks of tau-bench and tau2-bench, played against this project's own tools and records.

Barres et al., "tau2-bench: Evaluating Conversational Agents in a Dual-Control Environment", arXiv 2506.07982; Yao et
al., "tau-bench", arXiv 2406.12045. The folder holds the benchmark's database, policy and tasks; nothing of them is in
the product.
"""

from assistant.testing.tau.play import Run, TauReport, evaluate_tau
from assistant.testing.tau.tasks import TASK_SETS, read_benchmark

__all__ = ["TASK_SETS", "Run", "TauReport", "evaluate_tau", "read_benchmark"]
