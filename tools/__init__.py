"""What stands around the SQL: the build driver, the summary, the checks and the demo's generator."""
