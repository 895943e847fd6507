"""What the end-to-end tests stand on: a server on a scratch folder, a client, made-up recordings."""
