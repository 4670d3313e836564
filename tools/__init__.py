"""Set-up, build and checks behind the Makefile. Standard library only: they run before pip does."""
