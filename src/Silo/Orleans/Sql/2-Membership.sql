-- Which silos there are. Every change of a silo's row counts the deployment's version up in the same statement: it
-- names the version that it saw, and changes nothing when another silo was faster. The version's row is the lock.

CREATE TABLE IF NOT EXISTS silo_membership_version (
    deployment text        PRIMARY KEY,
    version    integer     NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS silo_membership (
    deployment    text        NOT NULL REFERENCES silo_membership_version,
    address       text        NOT NULL,
    port          integer     NOT NULL,
    generation    integer     NOT NULL,
    silo_name     text        NOT NULL,
    host_name     text        NOT NULL,
    status        integer     NOT NULL,
    proxy_port    integer     NOT NULL,
    suspect_times text,
    started_at    timestamptz NOT NULL,
    alive_at      timestamptz NOT NULL,
    PRIMARY KEY (deployment, address, port, generation)
);

INSERT INTO orleansquery (querykey, querytext) VALUES
('InsertMembershipVersionKey', $q$
    WITH added AS (
        INSERT INTO silo_membership_version (deployment) VALUES (@DeploymentId)
        ON CONFLICT DO NOTHING RETURNING 1)
    SELECT CAST(count(*) AS integer) FROM added
$q$),
('InsertMembershipKey', $q$
    WITH counted AS (
        UPDATE silo_membership_version SET version = version + 1, changed_at = now()
        WHERE deployment = @DeploymentId AND version = @Version AND NOT EXISTS (
            SELECT FROM silo_membership
            WHERE deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING deployment),
    added AS (
        INSERT INTO silo_membership (deployment, address, port, generation, silo_name, host_name, status, proxy_port,
            started_at, alive_at)
        SELECT deployment, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
        FROM counted
        RETURNING 1)
    SELECT CAST(count(*) AS integer) FROM added
$q$),
('UpdateMembershipKey', $q$
    WITH counted AS (
        UPDATE silo_membership_version SET version = version + 1, changed_at = now()
        WHERE deployment = @DeploymentId AND version = @Version AND EXISTS (
            SELECT FROM silo_membership
            WHERE deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING deployment),
    changed AS (
        UPDATE silo_membership AS silo
        SET status = @Status, suspect_times = @SuspectTimes, alive_at = @IAmAliveTime
        FROM counted
        WHERE silo.deployment = counted.deployment
            AND address = @Address AND port = @Port AND generation = @Generation
        RETURNING 1)
    SELECT CAST(count(*) AS integer) FROM changed
$q$),
('UpdateIAmAlivetimeKey', $q$
    UPDATE silo_membership SET alive_at = @IAmAliveTime
    WHERE deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$q$),
('MembershipReadRowKey', $q$
    SELECT deployment AS DeploymentId, address AS Address, port AS Port, generation AS Generation,
        silo_name AS SiloName, host_name AS HostName, status AS Status, proxy_port AS ProxyPort,
        suspect_times AS SuspectTimes, started_at AS StartTime, alive_at AS IAmAliveTime, version AS Version
    FROM silo_membership_version
    LEFT JOIN (
        SELECT * FROM silo_membership
        WHERE address = @Address AND port = @Port AND generation = @Generation) AS silo USING (deployment)
    WHERE deployment = @DeploymentId
$q$),
('MembershipReadAllKey', $q$
    SELECT deployment AS DeploymentId, address AS Address, port AS Port, generation AS Generation,
        silo_name AS SiloName, host_name AS HostName, status AS Status, proxy_port AS ProxyPort,
        suspect_times AS SuspectTimes, started_at AS StartTime, alive_at AS IAmAliveTime, version AS Version
    FROM silo_membership_version
    LEFT JOIN silo_membership USING (deployment)
    WHERE deployment = @DeploymentId
$q$),
('GatewaysQueryKey', $q$
    SELECT address AS Address, proxy_port AS ProxyPort, generation AS Generation
    FROM silo_membership
    WHERE deployment = @DeploymentId AND status = @Status AND proxy_port > 0
$q$),
('CleanupDefunctSiloEntriesKey', $q$
    DELETE FROM silo_membership
    WHERE deployment = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3   -- 3 is Active
$q$),
('DeleteMembershipTableEntriesKey', $q$
    DELETE FROM silo_membership WHERE deployment = @DeploymentId;
    DELETE FROM silo_membership_version WHERE deployment = @DeploymentId
$q$)
ON CONFLICT (querykey) DO UPDATE SET querytext = excluded.querytext WHERE orleansquery.querytext <> excluded.querytext;
