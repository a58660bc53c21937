"""The volumes that one snapshot is told in, by the keys that are stored and handed to the process that renders."""

FULL, CHIEF, DEPARTMENT, EXTERNAL = "full", "chief", "department", "external"
