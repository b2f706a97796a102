"""Values only: frozen dataclasses with read-only arrays; every rule's number is instances/MODEL.md's."""
