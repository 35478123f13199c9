-- What Orleans keeps in PostgreSQL for us: which silos there are, and the reminders. Run inside the schema of the cluster,
-- in one transaction, once. Its AdoNet providers look their statements up in the table OrleansQuery; the names of the
-- statements, of their parameters and of the columns that they return are theirs, everything else is ours.

CREATE TABLE cluster_version (
    deployment_id text PRIMARY KEY,
    version integer NOT NULL               -- +1 with each change of membership: who writes names the one he saw
);

CREATE TABLE silo (
    deployment_id text NOT NULL,
    address text NOT NULL,
    port integer NOT NULL,
    generation integer NOT NULL,           -- tells apart the lives of a silo at one address
    silo_name text NOT NULL,
    host_name text NOT NULL,
    status integer NOT NULL,               -- 3: active, 6: dead
    proxy_port integer NOT NULL,           -- where clients connect; 0: nowhere
    suspect_times text,
    start_time timestamptz NOT NULL,
    i_am_alive_time timestamptz NOT NULL,
    PRIMARY KEY (deployment_id, address, port, generation)
);

CREATE TABLE reminder (
    service_id text NOT NULL,
    grain_id text NOT NULL,
    reminder_name text NOT NULL,
    start_time timestamptz NOT NULL,
    period bigint NOT NULL,                -- milliseconds
    grain_hash integer NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (service_id, grain_id, reminder_name)
);
CREATE INDEX reminder_by_hash ON reminder (service_id, grain_hash);

CREATE TABLE OrleansQuery (QueryKey text PRIMARY KEY, QueryText text NOT NULL);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('GatewaysQueryKey', '
    SELECT address, proxy_port AS ProxyPort, generation AS Generation
    FROM silo WHERE deployment_id = @DeploymentId AND status = @Status AND proxy_port > 0'),

('MembershipReadAllKey', '
    SELECT s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName,
        s.host_name AS HostName, s.status AS Status, s.proxy_port AS ProxyPort, s.suspect_times AS SuspectTimes,
        s.start_time AS StartTime, s.i_am_alive_time AS IAmAliveTime, v.version AS Version
    FROM cluster_version AS v LEFT JOIN silo AS s ON s.deployment_id = v.deployment_id
    WHERE v.deployment_id = @DeploymentId'),

('MembershipReadRowKey', '
    SELECT s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName,
        s.host_name AS HostName, s.status AS Status, s.proxy_port AS ProxyPort, s.suspect_times AS SuspectTimes,
        s.start_time AS StartTime, s.i_am_alive_time AS IAmAliveTime, v.version AS Version
    FROM cluster_version AS v LEFT JOIN silo AS s ON s.deployment_id = v.deployment_id
        AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
    WHERE v.deployment_id = @DeploymentId'),

('InsertMembershipVersionKey', '
    WITH made AS (
        INSERT INTO cluster_version VALUES (@DeploymentId, 0) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT EXISTS (SELECT FROM made)'),

('InsertMembershipKey', '
    WITH won AS (
        UPDATE cluster_version AS v SET version = v.version + 1
        WHERE v.deployment_id = @DeploymentId AND v.version = @Version AND NOT EXISTS (
            SELECT FROM silo AS s WHERE s.deployment_id = @DeploymentId
                AND s.address = @Address AND s.port = @Port AND s.generation = @Generation)
        RETURNING 1),
    made AS (
        INSERT INTO silo (deployment_id, address, port, generation, silo_name, host_name, status, proxy_port,
            start_time, i_am_alive_time)
        SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort,
            @StartTime, @IAmAliveTime FROM won
        RETURNING 1)
    SELECT EXISTS (SELECT FROM made)'),

('UpdateMembershipKey', '
    WITH won AS (
        UPDATE cluster_version AS v SET version = v.version + 1
        WHERE v.deployment_id = @DeploymentId AND v.version = @Version AND EXISTS (
            SELECT FROM silo AS s WHERE s.deployment_id = @DeploymentId
                AND s.address = @Address AND s.port = @Port AND s.generation = @Generation)
        RETURNING 1),
    changed AS (
        UPDATE silo AS s SET status = @Status, suspect_times = @SuspectTimes, i_am_alive_time = @IAmAliveTime
        FROM won WHERE s.deployment_id = @DeploymentId
            AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
        RETURNING 1)
    SELECT EXISTS (SELECT FROM changed)'),

('UpdateIAmAlivetimeKey', '
    UPDATE silo SET i_am_alive_time = @IAmAliveTime
    WHERE deployment_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation'),

('DeleteMembershipTableEntriesKey', '
    DELETE FROM silo WHERE deployment_id = @DeploymentId;
    DELETE FROM cluster_version WHERE deployment_id = @DeploymentId'),

('CleanupDefunctSiloEntriesKey', '
    DELETE FROM silo WHERE deployment_id = @DeploymentId AND i_am_alive_time < @IAmAliveTime AND status = 6'),

('ReadReminderRowsKey', '
    SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period AS Period,
        version AS Version
    FROM reminder WHERE service_id = @ServiceId AND grain_id = @GrainId'),

('ReadReminderRowKey', '
    SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period AS Period,
        version AS Version
    FROM reminder WHERE service_id = @ServiceId AND grain_id = @GrainId AND reminder_name = @ReminderName'),

('ReadRangeRows1Key', '
    SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period AS Period,
        version AS Version
    FROM reminder WHERE service_id = @ServiceId AND grain_hash > @BeginHash AND grain_hash <= @EndHash'),

('ReadRangeRows2Key', '
    SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period AS Period,
        version AS Version
    FROM reminder WHERE service_id = @ServiceId AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)'),

('UpsertReminderRowKey', '
    INSERT INTO reminder AS r (service_id, grain_id, reminder_name, start_time, period, grain_hash, version)
    VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
    ON CONFLICT (service_id, grain_id, reminder_name) DO UPDATE SET
        start_time = excluded.start_time, period = excluded.period, grain_hash = excluded.grain_hash,
        version = r.version + 1
    RETURNING version AS Version'),

('DeleteReminderRowKey', '
    WITH gone AS (
        DELETE FROM reminder WHERE service_id = @ServiceId AND grain_id = @GrainId
            AND reminder_name = @ReminderName AND version = @Version
        RETURNING 1)
    SELECT EXISTS (SELECT FROM gone)'),

('DeleteReminderRowsKey', '
    DELETE FROM reminder WHERE service_id = @ServiceId');
