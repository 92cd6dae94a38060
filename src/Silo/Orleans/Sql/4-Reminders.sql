-- What wakes grains up. Silos share the reminders by ranges of the grains' hashes; a range may run over the end of
-- the circle (begin above end).

CREATE TABLE IF NOT EXISTS grain_reminder (
    service    text        NOT NULL,
    grain      text        NOT NULL,
    name       text        NOT NULL,
    hash       integer     NOT NULL,
    first_at   timestamptz NOT NULL,
    period_ms  bigint      NOT NULL,
    version    integer     NOT NULL DEFAULT 0,
    PRIMARY KEY (service, grain, name)
);
CREATE INDEX IF NOT EXISTS grain_reminder_hash ON grain_reminder (service, hash);

INSERT INTO orleansquery (querykey, querytext) VALUES
('UpsertReminderRowKey', $q$
    INSERT INTO grain_reminder AS kept (service, grain, name, hash, first_at, period_ms)
    VALUES (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period)
    ON CONFLICT (service, grain, name) DO UPDATE
        SET hash = excluded.hash, first_at = excluded.first_at, period_ms = excluded.period_ms, version = kept.version + 1
    RETURNING version AS Version
$q$),
('ReadReminderRowsKey', $q$
    SELECT grain AS GrainId, name AS ReminderName, first_at AS StartTime, period_ms AS Period, version AS Version
    FROM grain_reminder
    WHERE service = @ServiceId AND grain = @GrainId
$q$),
('ReadReminderRowKey', $q$
    SELECT grain AS GrainId, name AS ReminderName, first_at AS StartTime, period_ms AS Period, version AS Version
    FROM grain_reminder
    WHERE service = @ServiceId AND grain = @GrainId AND name = @ReminderName
$q$),
('ReadRangeRows1Key', $q$
    SELECT grain AS GrainId, name AS ReminderName, first_at AS StartTime, period_ms AS Period, version AS Version
    FROM grain_reminder
    WHERE service = @ServiceId AND hash > @BeginHash AND hash <= @EndHash
$q$),
('ReadRangeRows2Key', $q$
    SELECT grain AS GrainId, name AS ReminderName, first_at AS StartTime, period_ms AS Period, version AS Version
    FROM grain_reminder
    WHERE service = @ServiceId AND (hash > @BeginHash OR hash <= @EndHash)
$q$),
('DeleteReminderRowKey', $q$
    WITH removed AS (
        DELETE FROM grain_reminder
        WHERE service = @ServiceId AND grain = @GrainId AND name = @ReminderName AND version = @Version
        RETURNING 1)
    SELECT CAST(count(*) AS integer) FROM removed
$q$),
('DeleteReminderRowsKey', $q$
    DELETE FROM grain_reminder WHERE service = @ServiceId
$q$)
ON CONFLICT (querykey) DO UPDATE SET querytext = excluded.querytext WHERE orleansquery.querytext <> excluded.querytext;
