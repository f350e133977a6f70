"""What a staff member may be at a tenant."""

ADMIN = "admin"
EXPERT = "expert"
