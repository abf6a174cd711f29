"""What keeps the data and ends it: backups, audit check, exports, key rotation, retention, holds."""
