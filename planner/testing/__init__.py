"""What authors of plug-ins run on them: Hypothesis strategies of small instances (`pip install planner[dev]`)."""
