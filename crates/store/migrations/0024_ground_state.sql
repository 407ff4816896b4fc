-- Ground state, some interactions to a row: who saw each, and what they saw (`ledger/sightings.rs` says how a block is laid out). Blocks do not
-- overlap: an interaction lies in the last one that begins at or before it. A block is written with its batch, and again when an interaction of it
-- is seen by somebody else, changes or goes.
CREATE TABLE sighting_blocks (
    org_id            INTEGER NOT NULL REFERENCES organizations,
    block_id          INTEGER PRIMARY KEY,
    first_interaction INTEGER NOT NULL,
    interactions      INTEGER NOT NULL,
    sightings         INTEGER NOT NULL,
    block             BLOB    NOT NULL
) STRICT;

-- One interaction to a block, with integers in five bytes, which is as good as in fewer. The index makes this one walk over both tables. What has
-- lost its identity is kept under a new one.
CREATE INDEX interactions_by_number ON interactions (org_id, interaction_id);
INSERT INTO sighting_blocks (org_id, first_interaction, interactions, sightings, block)
WITH parts AS (
    SELECT org_id, interaction_id, source, hex(payload) AS payload, length(payload) AS bytes,
           CASE WHEN source < 0 THEN -2 * source - 1 ELSE 2 * source END AS zigzag
    FROM sightings
)
SELECT parts.org_id, parts.interaction_id, 1, COUNT(*), unhex('0100' || hex(coalesce(interactions.identity, randomblob(16)))
    || printf('%02X%02X%02X%02X%02X', COUNT(*) % 128 + 128, COUNT(*) / 128 % 128 + 128, COUNT(*) / 16384 % 128 + 128, COUNT(*) / 2097152 % 128 + 128, COUNT(*) / 268435456)
    || group_concat(
        printf('%02X%02X%02X%02X%02X', zigzag % 128 + 128, zigzag / 128 % 128 + 128, zigzag / 16384 % 128 + 128, zigzag / 2097152 % 128 + 128, zigzag / 268435456)
        || printf('%02X%02X%02X%02X%02X', bytes % 128 + 128, bytes / 128 % 128 + 128, bytes / 16384 % 128 + 128, bytes / 2097152 % 128 + 128, bytes / 268435456)
        || payload, '' ORDER BY source))
FROM parts LEFT JOIN interactions ON interactions.org_id = parts.org_id AND interactions.interaction_id = parts.interaction_id
GROUP BY parts.org_id, parts.interaction_id
ORDER BY parts.org_id, parts.interaction_id;

CREATE UNIQUE INDEX sighting_blocks_by_interaction ON sighting_blocks (org_id, first_interaction, interactions, sightings);
DROP TABLE sightings;
DROP INDEX interactions_by_number;

-- Identities of large batches, in sorted runs which are merged as they grow many; those of small batches stay rows of `interactions`.
CREATE TABLE identity_blocks (
    org_id   INTEGER NOT NULL REFERENCES organizations,
    block_id INTEGER PRIMARY KEY,
    run      INTEGER NOT NULL,
    first    BLOB    NOT NULL, -- no identity of the block is smaller
    block    BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX identity_blocks_by_run ON identity_blocks (org_id, run, first);

-- What several activities say of one interaction was looked for in all of them.
CREATE INDEX crm_activities_by_interaction ON crm_activities (org_id, interaction_id);
