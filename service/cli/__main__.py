"""`python -m service.cli`: the command line, for processes that start others of the same environment."""

from service.cli import main

main(prog_name="exoscore")
