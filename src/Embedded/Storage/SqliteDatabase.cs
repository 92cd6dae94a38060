using Microsoft.Data.Sqlite;

namespace Notebook.Embedded.Storage;

/// <summary>The file and its statements. For one thread.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private const int SchemaVersion = 1;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private readonly SqliteCommand _checkpoint;
    private readonly SqliteCommand _read;
    private readonly SqliteCommand _list;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _update;
    private readonly SqliteCommand _remove;

    private SqliteDatabase(SqliteConnection connection)
    {
        _connection = connection;
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _rollback = Command("ROLLBACK");
        _checkpoint = Command("PRAGMA wal_checkpoint(PASSIVE)");
        _read = Command("SELECT body, etag FROM state WHERE name = $name AND grain = $grain", "$name", "$grain");
        _list = Command("SELECT grain, name, body, etag FROM state WHERE name >= $from AND name < $to", "$from", "$to");
        _insert = Command(
            "INSERT INTO state (name, grain, body, etag) VALUES ($name, $grain, $body, $etag) ON CONFLICT DO NOTHING",
            "$name", "$grain", "$body", "$etag");
        _update = Command(
            "UPDATE state SET body = $body, etag = $etag WHERE name = $name AND grain = $grain AND etag = $old",
            "$name", "$grain", "$body", "$etag", "$old");
        _remove = Command("DELETE FROM state WHERE name = $name AND grain = $grain AND etag = $old", "$name", "$grain", "$old");
    }

    /// <summary>Opens the file, and makes it when it is not there. No other process can open it then.</summary>
    public static SqliteDatabase Open(string path, int waitSeconds)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = waitSeconds }.ToString());
        try
        {
            connection.Open();
            Run(connection, "PRAGMA locking_mode = EXCLUSIVE");
            Run(connection, "PRAGMA journal_mode = WAL");
            Run(connection, "PRAGMA synchronous = NORMAL");
            Run(connection, "PRAGMA wal_autocheckpoint = 0");   // it has fsyncs, and would be in some commit
            Prepare(connection, path);
            return new(connection);
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw Explain(path, error);
        }
        catch (GrainStoreException)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>What went wrong with the file, in one line.</summary>
    public static GrainStoreException Explain(string path, SqliteException error) => new(
        error.SqliteErrorCode switch
        {
            11 or 26 => $"{path} is damaged or not a grain database ({error.Message}): put back a copy, or move it away to start empty",
            8 or 14 => $"{path} cannot be written ({error.Message}): check the directory and its permissions, or choose another data directory",
            5 or 6 => $"{path} is in use by another process: stop that one, or choose another data directory",
            13 => $"{path} cannot grow: the disk is full",
            10 => $"{path}: the disk failed ({error.Message})",
            _ => $"{path}: {error.Message}",
        },
        error);

    public void InTransaction(Action work)
    {
        _begin.ExecuteNonQuery();
        try
        {
            work();
            _commit.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // Some failures have already rolled back.
            if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle!) == 0) _rollback.ExecuteNonQuery();
            throw;
        }
    }

    /// <summary>Moves what is in the log to its place in the file. What cannot be moved now stays in the log.</summary>
    public void Checkpoint()
    {
        try
        {
            _checkpoint.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // A disk that is full or failing: the commits, which the log takes as long as it can, are told.
        }
    }

    public StoredValue? Read(StateKey key)
    {
        Set(_read, key.Name, key.Grain);
        using var row = _read.ExecuteReader();
        return row.Read() ? new(key, row.GetFieldValue<byte[]>(0), row.GetString(1)) : null;
    }

    public IReadOnlyList<StoredValue> List(string namePrefix)
    {
        Set(_list, namePrefix, namePrefix + '\uffff');
        using var row = _list.ExecuteReader();
        var all = new List<StoredValue>();
        while (row.Read()) all.Add(new(new(row.GetString(0), row.GetString(1)), row.GetFieldValue<byte[]>(2), row.GetString(3)));
        return all;
    }

    /// <returns>False when the present version is not <paramref name="basedOn"/>.</returns>
    public bool Write(StateKey key, byte[] body, string etag, string? basedOn) => basedOn is null
        ? Change(_insert, key.Name, key.Grain, body, etag)
        : Change(_update, key.Name, key.Grain, body, etag, basedOn);

    /// <inheritdoc cref="Write"/>
    public bool Remove(StateKey key, string? basedOn) =>
        basedOn is null ? Read(key) is null : Change(_remove, key.Name, key.Grain, basedOn);

    public void Dispose() => _connection.Dispose();

    private static void Prepare(SqliteConnection connection, string path)
    {
        using var ask = connection.CreateCommand();
        ask.CommandText = "PRAGMA user_version";
        var found = (long)ask.ExecuteScalar()!;
        if (found > SchemaVersion)
        {
            throw new GrainStoreException(
                $"{path} was written by a newer version (schema {found}, this one knows {SchemaVersion}): run that version, or choose another data directory");
        }

        if (found == SchemaVersion) return;
        Run(connection, $"""
            BEGIN IMMEDIATE;
            CREATE TABLE IF NOT EXISTS state (name TEXT, grain TEXT, body BLOB NOT NULL, etag TEXT NOT NULL, PRIMARY KEY (name, grain)) WITHOUT ROWID;
            PRAGMA user_version = {SchemaVersion};
            COMMIT;
            """);
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static bool Change(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        Set(command, values);
        return command.ExecuteNonQuery() == 1;
    }

    private static void Set(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }
}
