-- What grains remember. A write names the version that it read (none: there was nothing); when another was faster it
-- changes nothing and answers no row, which Orleans turns into an InconsistentStateException.

CREATE TABLE IF NOT EXISTS grain_state (
    service    text        NOT NULL,
    kind       text        NOT NULL,
    key_n0     bigint      NOT NULL,
    key_n1     bigint      NOT NULL,
    key_text   text        NOT NULL,   -- empty for keys that are numbers alone
    version    integer     NOT NULL,
    payload    bytea,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (service, kind, key_text, key_n0, key_n1)
);

INSERT INTO orleansquery (querykey, querytext) VALUES
('ReadFromStorageKey', $q$
    SELECT payload AS PayloadBinary, version AS Version
    FROM grain_state
    WHERE service = @ServiceId AND kind = @GrainTypeString AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1
        AND key_text = coalesce(@GrainIdExtensionString, '')
$q$),
('WriteToStorageKey', $q$
    WITH changed AS (
        UPDATE grain_state SET payload = @PayloadBinary, version = version + 1, changed_at = now()
        WHERE service = @ServiceId AND kind = @GrainTypeString AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1
            AND key_text = coalesce(@GrainIdExtensionString, '') AND version = @GrainStateVersion
        RETURNING version),
    added AS (
        INSERT INTO grain_state (service, kind, key_n0, key_n1, key_text, version, payload, changed_at)
        SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''),
            1, @PayloadBinary, now()
        WHERE @GrainStateVersion IS NULL
        ON CONFLICT DO NOTHING
        RETURNING version)
    SELECT version AS NewGrainStateVersion FROM changed UNION ALL SELECT version FROM added
$q$),
('ClearStorageKey', $q$
    UPDATE grain_state SET payload = NULL, version = version + 1, changed_at = now()
    WHERE service = @ServiceId AND kind = @GrainTypeString AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1
        AND key_text = coalesce(@GrainIdExtensionString, '') AND version = @GrainStateVersion
    RETURNING version AS NewGrainStateVersion
$q$),
('DeleteStorageKey', $q$
    DELETE FROM grain_state
    WHERE service = @ServiceId AND kind = @GrainTypeString AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1
        AND key_text = coalesce(@GrainIdExtensionString, '') AND version = @GrainStateVersion
    RETURNING version + 1 AS NewGrainStateVersion
$q$)
ON CONFLICT (querykey) DO UPDATE SET querytext = excluded.querytext WHERE orleansquery.querytext <> excluded.querytext;
