-- Where an organization's segments are kept: the URL of a place, or nothing for the data folder.
ALTER TABLE organizations ADD COLUMN segments_at TEXT NOT NULL DEFAULT '';
