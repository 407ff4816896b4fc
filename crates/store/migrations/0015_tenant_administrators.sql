-- Who consents needs no account here: a provider says by a claim who is a tenant administrator.
ALTER TABLE identity_providers ADD COLUMN administrator_claim TEXT;
ALTER TABLE identity_providers ADD COLUMN administrator_value TEXT;
ALTER TABLE sign_ins_begun ADD COLUMN as_tenant_administrator INTEGER NOT NULL DEFAULT 0;
