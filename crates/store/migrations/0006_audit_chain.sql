-- The audit log as a chain: each entry vouches for all before it, and none can be changed or taken out.
--
-- `digest` commits to the texts of an entry under `salt`. Whoever is erased is taken out of the texts, and the salt is thrown away with
-- them: the digest then tells nothing, and the chain, made of digests, still holds.
ALTER TABLE audit ADD COLUMN salt BLOB;
ALTER TABLE audit ADD COLUMN digest BLOB;
ALTER TABLE audit ADD COLUMN hash BLOB;

CREATE TRIGGER audit_keeps_every_entry BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

-- Entries from before the chain have no hash until the store is opened.
CREATE TRIGGER audit_changes_only_to_erase BEFORE UPDATE ON audit
WHEN OLD.hash IS NOT NULL
    AND (NEW.org_id, NEW.number, NEW.at_us, NEW.action, NEW.digest, NEW.hash, NEW.salt)
        IS NOT (OLD.org_id, OLD.number, OLD.at_us, OLD.action, OLD.digest, OLD.hash, NULL)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
