"""The kiosk's page and the socket behind it."""
