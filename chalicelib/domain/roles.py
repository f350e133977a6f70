"""What a staff member may be: at a tenant, or at the operator."""

ADMIN = "admin"
EXPERT = "expert"
OPERATOR = "operator"
