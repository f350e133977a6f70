"""What a key of a tenant's server may do. Each route that a server may call names one of these."""

APPOINTMENTS_READ = "appointments:read"
APPOINTMENTS_WRITE = "appointments:write"
SERVICES_READ = "services:read"
SERVICES_WRITE = "services:write"
AVAILABILITY_READ = "availability:read"
AVAILABILITY_WRITE = "availability:write"

SCOPES = (
    *(APPOINTMENTS_READ, APPOINTMENTS_WRITE),
    *(SERVICES_READ, SERVICES_WRITE),
    *(AVAILABILITY_READ, AVAILABILITY_WRITE),
)
