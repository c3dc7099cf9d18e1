"""Five kiosks in network namespaces, a real PostgreSQL, and links that are cut and heal."""
