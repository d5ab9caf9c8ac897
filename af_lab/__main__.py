"""`python -m af_lab` is the command `af-lab`."""

from af_lab.cli.main import main

if __name__ == "__main__":
    main()
