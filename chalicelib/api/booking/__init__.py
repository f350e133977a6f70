"""What visitors and customers do without an account: times, booking, their own appointments by link, payment."""
