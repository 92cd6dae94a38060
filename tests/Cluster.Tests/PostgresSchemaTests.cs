using Notebook.Hosting;
using Notebook.Silo.Storage;
using Npgsql;

namespace Notebook.Cluster.Tests;

public sealed class PostgresSchemaTests(PostgresServer postgres) : IClassFixture<PostgresServer>
{
    [PostgresFact]
    public async Task Making_it_twice_changes_nothing_and_says_so()
    {
        var database = await postgres.NewDatabaseAsync();
        Assert.Equal("storage ready: schema version 1, made 7 tables and 20 statements", await PostgresSchema.EnsureAsync(database, default));
        Assert.Equal("storage ready: schema version 1 was there already (7 tables, 20 statements)",
            await PostgresSchema.EnsureAsync(database, default));
    }

    [PostgresFact]
    public async Task Several_may_make_it_at_once()
    {
        var database = await postgres.NewDatabaseAsync();
        var said = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => PostgresSchema.EnsureAsync(database, default)));
        Assert.Single(said, line => line.Contains("made 7 tables"));
        Assert.Equal(5, said.Count(line => line.Contains("was there already")));
    }

    [PostgresFact]
    public async Task Statements_of_an_older_wording_are_replaced()
    {
        var database = await postgres.NewDatabaseAsync();
        await PostgresSchema.EnsureAsync(database, default);
        await ExecuteAsync(database, "UPDATE orleansquery SET querytext = 'old' WHERE querykey = 'ReadFromStorageKey'");
        await PostgresSchema.EnsureAsync(database, default);
        Assert.NotEqual("old", await ExecuteAsync(database, "SELECT querytext FROM orleansquery WHERE querykey = 'ReadFromStorageKey'"));
    }

    [PostgresFact]
    public async Task A_newer_programs_database_is_left_alone()
    {
        var database = await postgres.NewDatabaseAsync();
        await PostgresSchema.EnsureAsync(database, default);
        await ExecuteAsync(database, "UPDATE notebook_schema SET version = 99");
        var refused = await Assert.ThrowsAsync<UserException>(() => PostgresSchema.EnsureAsync(database, default));
        Assert.Contains("schema version 99", refused.Message);
    }

    [PostgresFact]
    public async Task A_database_that_is_not_there_is_named_without_its_password()
    {
        var refused = await Assert.ThrowsAsync<UserException>(() =>
            PostgresSchema.EnsureAsync("Host=127.0.0.1;Port=1;Database=nowhere;Username=u;Password=hidden", default));
        Assert.Contains("127.0.0.1:1/nowhere", refused.Message);
        Assert.DoesNotContain("hidden", refused.Message);
    }

    private static async Task<object?> ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
