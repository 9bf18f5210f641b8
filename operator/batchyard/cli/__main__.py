"""`python -m batchyard.cli`."""

from batchyard.cli.app import main

if __name__ == "__main__":
    main()
