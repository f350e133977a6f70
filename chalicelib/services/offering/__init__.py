"""What a tenant offers: services, experts' hours, premises, and the times that can still be booked."""
