using System.Text;
using Notebook.Embedded.Storage;
using Orleans.Storage;

namespace Notebook.Embedded.Tests.Storage;

/// <summary>What every store promises.</summary>
public abstract class GrainStoreContract : IAsyncLifetime
{
    private static readonly StateKey Key = new("probe/a", "state");

    private protected abstract IGrainStore Store { get; }

    public Task InitializeAsync() => Store.OpenAsync();

    public virtual Task DisposeAsync() => Store.CloseAsync();

    [Fact]
    public async Task What_is_written_is_read()
    {
        Assert.Null(await Store.ReadAsync(Key));
        var etag = await Store.WriteAsync(Key, Bytes("one"), null);
        var read = await Store.ReadAsync(Key);
        Assert.Equal(("one", etag), (Text(read!.Body), read.Etag));
    }

    [Fact]
    public async Task A_change_must_be_based_on_the_present_version()
    {
        var first = await Store.WriteAsync(Key, Bytes("one"), null);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Store.WriteAsync(Key, Bytes("x"), null));
        var second = await Store.WriteAsync(Key, Bytes("two"), first);
        var conflict = await Assert.ThrowsAsync<InconsistentStateException>(() => Store.WriteAsync(Key, Bytes("x"), first));
        Assert.Equal((second, first), (conflict.StoredEtag, conflict.CurrentEtag));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Store.RemoveAsync(Key, first));
        Assert.Equal("two", Text((await Store.ReadAsync(Key))!.Body));
    }

    [Fact]
    public async Task A_version_is_never_used_again()
    {
        var first = await Store.WriteAsync(Key, Bytes("one"), null);
        await Store.RemoveAsync(Key, first);
        Assert.Null(await Store.ReadAsync(Key));
        Assert.NotEqual(first, await Store.WriteAsync(Key, Bytes("one"), null));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Store.WriteAsync(Key, Bytes("x"), first));
    }

    [Fact]
    public async Task Values_are_listed_by_the_beginning_of_their_names()
    {
        foreach (var name in new[] { "reminder/a", "reminder/b", "reminders", "state" }) await Store.WriteAsync(new("g/1", name), Bytes(name), null);
        var listed = await Store.ListAsync("reminder/");
        Assert.Equal(["reminder/a", "reminder/b"], listed.Select(v => v.Key.Name).Order());
    }

    [Fact]
    public async Task Racing_writers_have_one_winner_each_round()
    {
        string? etag = null;
        for (var round = 0; round < 20; round++)
        {
            var basis = etag;
            var races = Enumerable.Range(0, 16).Select(i => Task.Run(() => Store.WriteAsync(Key, Bytes($"{round}/{i}"), basis))).ToArray();
            await Assert.ThrowsAsync<InconsistentStateException>(() => Task.WhenAll(races));
            etag = await Assert.Single(races, r => r.IsCompletedSuccessfully);
        }
    }

    private protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private protected static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}

public sealed class MemoryGrainStoreTests : GrainStoreContract
{
    private readonly MemoryGrainStore _store = new();

    private protected override IGrainStore Store => _store;
}
