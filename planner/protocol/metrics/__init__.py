"""What Cloud Run would report of a scenario, from request logs or from Google Cloud Monitoring (protocol 8)."""
