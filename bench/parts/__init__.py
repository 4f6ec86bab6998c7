"""What is measured of the stacks, a module for each question: ``measure(plan)`` yields the lines it is about."""
