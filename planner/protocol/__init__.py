"""The serverless evaluation protocol, scenarios A, B and C: what is invoked, where it runs, what came out."""
