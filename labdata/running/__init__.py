"""Running a lab: web server, workers and scheduler as one; backups."""
