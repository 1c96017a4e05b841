"""`python -m arevent`: the command line, for launchers that start modules."""

from arevent.cli import main

if __name__ == "__main__":
    main()
