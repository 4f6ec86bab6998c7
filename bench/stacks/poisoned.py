"""``sentiment serve`` with the tokenizer that raises on a poisoned text: ``python -m bench.stacks.poisoned PORT``."""

import sys

from bench.stacks.poison import poisoned_tokenizer
from entrypoints.cli import main

if __name__ == "__main__":
    poisoned_tokenizer()
    sys.argv[1:] = ["serve", "--port", sys.argv[1]]
    main()
