-- What a tenant of Microsoft 365 permitted when it was looked at last.
ALTER TABLE connectors ADD COLUMN permissions TEXT; -- JSON: names of permissions; NULL = nobody looked yet

-- When its users were read last, and why they could not be; NULL = it has told none yet, or nothing is wrong.
ALTER TABLE connectors ADD COLUMN users_read_at_us INTEGER;
ALTER TABLE connectors ADD COLUMN users_error TEXT;
