using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Notebook.Embedded.Storage;
using Notebook.TestKit;

namespace Notebook.Embedded.Tests.Storage;

public sealed class SqliteGrainStoreTests : GrainStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grain-store-").FullName;
    private readonly SqliteGrainStore _store;

    public SqliteGrainStoreTests() => _store = new(FilePath);

    private string FilePath => Path.Combine(_folder, "grains.db");

    private protected override IGrainStore Store => _store;

    public void Dispose() => _store.Dispose();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Concurrent_writes_share_transactions()
    {
        var before = _store.Commits;
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => _store.WriteAsync(new($"g/{i}", "state"), Bytes("x"), null))).Within("2000 writes");
        Assert.InRange(_store.Commits - before, 1, 1999);   // alone at first, together when a checkpoint holds the file
        Assert.Equal(2000, (await _store.ListAsync("state")).Count);
    }

    [Fact]
    public async Task Values_survive_closing()
    {
        var etag = await _store.WriteAsync(new("g/1", "state"), Bytes("kept"), null);
        await _store.CloseAsync();
        await Assert.ThrowsAsync<GrainStoreException>(() => _store.WriteAsync(new("g/1", "state"), Bytes("late"), etag));
        using var again = new SqliteGrainStore(FilePath);
        await again.OpenAsync();
        Assert.Equal("kept", Text((await again.ReadAsync(new("g/1", "state")))!.Body));
        await again.CloseAsync();
    }

    [Fact]
    public async Task A_second_process_is_refused()
    {
        using var second = new SqliteGrainStore(FilePath, waitSeconds: 1);
        var refusal = await Assert.ThrowsAsync<GrainStoreException>(second.OpenAsync);
        Assert.Contains("in use by another process", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_is_refused()
    {
        await _store.CloseAsync();
        using (var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        using var again = new SqliteGrainStore(FilePath);
        var refusal = await Assert.ThrowsAsync<GrainStoreException>(again.OpenAsync);
        Assert.Contains("newer version (schema 99", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        var path = Path.Combine(_folder, "other.db");
        await File.WriteAllTextAsync(path, new string('x', 5000));
        using var other = new SqliteGrainStore(path);
        var refusal = await Assert.ThrowsAsync<GrainStoreException>(other.OpenAsync);
        Assert.Contains("damaged or not a grain database", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_refused()
    {
        using var other = new SqliteGrainStore(Path.Combine(_folder, "no", "such", "folder.db"));
        var refusal = await Assert.ThrowsAsync<GrainStoreException>(other.OpenAsync);
        Assert.Contains("cannot be written", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A process writes and says what has been acknowledged, and is killed in the middle: all that it said is there.</summary>
    [Theory]
    [InlineData(200)]
    [InlineData(1000)]
    [InlineData(5000)]
    public async Task Acknowledged_writes_survive_a_killed_process(int killAfter)
    {
        var path = Path.Combine(_folder, "killed.db");
        using var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { typeof(CrashWriter.Program).Assembly.Location, path },
            RedirectStandardOutput = true,
        })!;
        var acknowledged = new Dictionary<string, string>();
        var lines = 0;
        while (await process.StandardOutput.ReadLineAsync().Within("a written value") is { } line)
        {
            // GRAIN VALUE; the last line may be cut off by the kill.
            if (line.Split(' ') is [var grain, var value, "."]) acknowledged[grain] = value;
            if (++lines == killAfter) process.Kill();
        }

        await process.WaitForExitAsync().Within("the process's end");
        Assert.True(lines >= killAfter);
        using var store = new SqliteGrainStore(path);
        await store.OpenAsync();
        foreach (var (grain, value) in acknowledged)
        {
            var stored = await store.ReadAsync(new(grain, "state"));
            Assert.True(int.Parse(Text(stored!.Body)) >= int.Parse(value), $"{grain}: {Text(stored.Body)} is stored, {value} was acknowledged");
        }

        await store.CloseAsync();
    }
}
