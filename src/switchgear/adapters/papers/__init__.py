"""Documents with revisions: tasks, contexts, hand-offs, tickets."""
