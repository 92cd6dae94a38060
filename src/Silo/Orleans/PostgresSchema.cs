using System.Reflection;
using Notebook.Hosting;
using Npgsql;

namespace Notebook.Silo.Storage;

/// <summary>
/// Makes the database ready for silos: <c>notebook silo --init-storage</c>. All or nothing, safe to run again and by
/// several at a time; statements that a newer version of ours words otherwise are replaced.
/// </summary>
internal static class PostgresSchema
{
    /// <summary>Counted up when a table changes; the step from each older version to the next is then written here.</summary>
    internal const int Version = 1;

    private const long AdvisoryLock = 0x6e6f7465626f6f6b;   // "notebook"

    /// <summary>Brings the database to <see cref="Version"/>.</summary>
    /// <returns>What it did, in one line.</returns>
    /// <exception cref="UserException">The database cannot be reached, or belongs to a newer version of ours.</exception>
    public static async Task<string> EnsureAsync(string connectionString, CancellationToken cancel)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({AdvisoryLock})", cancel);

            var (tables, queries) = await CountAsync(connection, cancel);
            foreach (var script in Scripts()) await ExecuteAsync(connection, script, cancel);
            var found = await FoundVersionAsync(connection, cancel);
            if (found > Version)
            {
                throw new UserException(
                    $"the database is at schema version {found}, this program knows {Version}: run the newer program's --init-storage");
            }

            var changed = await ExecuteAsync(connection,
                $"INSERT INTO notebook_schema (version) VALUES ({Version}) ON CONFLICT DO NOTHING", cancel);
            var (tablesNow, queriesNow) = await CountAsync(connection, cancel);
            await transaction.CommitAsync(cancel);

            return changed > 0
                ? $"storage ready: schema version {Version}, made {tablesNow - tables} tables and {queriesNow - queries} statements"
                : $"storage ready: schema version {Version} was there already ({tablesNow} tables, {queriesNow} statements)";
        }
        catch (NpgsqlException e)
        {
            throw new UserException(
                $"cannot set up the database at {Place(connectionString)}: {e.Message} Check --postgres-file.");
        }
    }

    /// <summary>Host and database of a connection string, for messages: never its password.</summary>
    internal static string Place(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        return $"{parts.Host}:{parts.Port}/{parts.Database}";
    }

    private static IEnumerable<string> Scripts()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Order())
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return reader.ReadToEnd();
        }
    }

    private static async Task<int> FoundVersionAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT version FROM notebook_schema", connection);
        return await command.ExecuteScalarAsync(cancel) is int version ? version : 0;
    }

    private static async Task<(long Tables, long Queries)> CountAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        const string Ours = """
            SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename IN ('notebook_schema',
                'orleansquery', 'silo_membership', 'silo_membership_version', 'grain_state', 'grain_reminder', 'agent_connection')
            """;
        await using var count = new NpgsqlCommand(Ours, connection);
        var tables = (long)(await count.ExecuteScalarAsync(cancel))!;
        await using var exists = new NpgsqlCommand("SELECT to_regclass('orleansquery') IS NOT NULL", connection);
        if (!(bool)(await exists.ExecuteScalarAsync(cancel))!) return (tables, 0);
        await using var queries = new NpgsqlCommand("SELECT count(*) FROM orleansquery", connection);
        return (tables, (long)(await queries.ExecuteScalarAsync(cancel))!);
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync(cancel);
    }
}
