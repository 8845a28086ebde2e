"""How good search is: judged queries, the measures, the systems side by side, and folds for those who train."""
