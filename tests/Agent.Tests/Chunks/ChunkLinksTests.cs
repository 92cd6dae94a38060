using Notebook.Agent.Chunks;
using Notebook.Agent.Peers;
using Notebook.Links;
using Notebook.Objects;

namespace Notebook.Agent.Tests.Chunks;

/// <summary>Large values between agents, over real sockets.</summary>
public sealed class ChunkLinksTests : IDisposable
{
    private readonly ClusterKey _key = ClusterKey.Parse(ClusterKey.NewText(), "the test");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("notebook-chunks-");
    private int _seed;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_one_offers_the_other_stores_also_when_the_link_comes_later()
    {
        await using var a = await StartAsync("a");
        await using var b = await StartAsync("b");
        var early = await a.PutAsync(Make(20, 200_000));
        a.Chunks.Offer(["b"], early);
        Assert.False(a.Chunks.IsConfirmed("b", early[0]));
        var stored = new TaskCompletionSource();
        a.Chunks.Confirmed += () =>
        {
            if (early.All(chunk => a.Chunks.IsConfirmed("b", chunk))) stored.TrySetResult();
        };
        await ChunkAgent.MeetAsync(a, b);
        await b.ArrivedAsync(early);
        await stored.Task.Within("b says that it holds all");
        var late = await a.PutAsync(Make(20, 200_000));
        a.Chunks.Offer(["b"], late);
        await b.ArrivedAsync(late);
    }

    [Fact]
    public async Task A_peer_that_has_no_room_for_what_is_offered_does_not_count_as_one_that_holds_it()
    {
        await using var a = await StartAsync("a");
        await using var b = await ChunkAgent.StartAsync("b", _key, _folder.FullName, limits: new ObjectStoreOptions { MaxDiskBytes = 250_000 });
        var refused = new TaskCompletionSource<DiskShortage>();
        b.Chunks.NoRoom += shortage => refused.TrySetResult(shortage);
        var chunks = await a.PutAsync(Make(2, 200_000));
        a.Chunks.Offer(["b"], chunks);
        await ChunkAgent.MeetAsync(a, b);
        Assert.Equal(new DiskShortage(200_000, 50_000), await refused.Task.Within("b has no room for the second"));
        var taken = chunks.Single(chunk => b.HoldsAll([chunk]));
        var confirmed = new TaskCompletionSource();
        a.Chunks.Confirmed += () =>
        {
            if (a.Chunks.IsConfirmed("b", taken)) confirmed.TrySetResult();
        };
        if (!a.Chunks.IsConfirmed("b", taken)) await confirmed.Task.Within("b says that it holds the first");
        Assert.False(a.Chunks.IsConfirmed("b", chunks.Single(chunk => chunk != taken)));
    }

    [Fact]
    public async Task What_is_too_much_to_be_offered_at_once_counts_only_when_the_peer_holds_it()
    {
        await using var a = await StartAsync("a");
        await using var b = await StartAsync("b");
        var many = Enumerable.Range(0, PeerChunks.Limits.MaxOffered).Select(i => ChunkRef.Of(BitConverter.GetBytes(i))).ToArray();
        a.Chunks.Offer(["b"], many);   // which nobody has
        var more = await a.PutAsync(Make(1, 100_000));
        a.Chunks.Offer(["b"], more);
        Assert.False(a.Chunks.IsConfirmed("b", more[0]));
    }

    [Fact]
    public async Task What_one_lacks_comes_from_the_other_both_ways_at_once()
    {
        await using var a = await StartAsync("a");
        await using var b = await StartAsync("b");
        await ChunkAgent.MeetAsync(a, b);
        var (ofA, ofB) = (await a.PutAsync(Make(1_500, 100)), await b.PutAsync(Make(10, 1 << 20)));
        var (toB, toA) = (b.FetchAsync(["a"], ofA, isPatient: false), a.FetchAsync(["b"], ofB, isPatient: false));
        Assert.Empty(await toB.Within("b has what a had"));
        Assert.Empty(await toA.Within("a has what b had"));
        Assert.True(b.HoldsAll(ofA) && a.HoldsAll(ofB));
    }

    [Fact]
    public async Task What_one_peer_lacks_comes_from_another_and_what_all_lack_is_said()
    {
        await using var a = await StartAsync("a");
        await using var b = await StartAsync("b");
        await using var c = await StartAsync("c");
        await ChunkAgent.MeetAsync(a, b);
        await ChunkAgent.MeetAsync(a, c);
        var (ofB, ofC) = (await b.PutAsync(Make(5, 100_000)), await c.PutAsync(Make(5, 100_000)));
        ChunkRef[] nobodys = [.. Make(2, 100_000).Select(chunk => chunk.Ref)];
        var left = await a.FetchAsync(["b", "c"], [.. ofB, .. nobodys, .. ofC], isPatient: true).Within("all that there is has come");
        Assert.Equal(nobodys.ToHashSet(), left.ToHashSet());
        Assert.True(a.HoldsAll([.. ofB, .. ofC]));
    }

    [Fact]
    public async Task Of_a_peer_out_of_reach_the_impatient_gets_nothing_and_the_patient_waits()
    {
        await using var a = await StartAsync("a");
        await using var b = await StartAsync("b");
        var ofB = await b.PutAsync(Make(5, 100_000));
        Assert.Equal(5, (await a.FetchAsync(["b"], ofB, isPatient: false).Within("nobody can be asked")).Count);
        var giveUp = new TaskCompletionSource();
        var givenUp = a.FetchAsync(["b"], ofB, isPatient: true, giveUp.Task);
        var patient = a.FetchAsync(["b"], ofB, isPatient: true);
        Assert.False(givenUp.IsCompleted);
        giveUp.SetResult();
        Assert.Equal(5, (await givenUp.Within("the wait was ended")).Count);
        Assert.False(patient.IsCompleted);
        await ChunkAgent.MeetAsync(a, b);
        Assert.Empty(await patient.Within("the peer came"));
    }

    [Fact]
    public async Task A_link_that_breaks_in_the_middle_goes_on_where_it_was()
    {
        await using var a = await StartAsync("a");
        await using var b = await StartAsync("b");
        await ChunkAgent.MeetAsync(a, b);
        var ofB = await b.PutAsync(Make(40, 1 << 20));
        var all = a.FetchAsync(["b"], ofB, isPatient: true);
        await a.ArrivedAsync([ofB[0]]);
        a.Peer.Dialer.Wall("b");
        await a.Peer.DownAsync("b");
        a.Peer.Dialer.Open("b");
        Assert.Empty(await all.Within("all came over two links"));
    }

    [Fact]
    public async Task A_peer_that_dies_in_the_middle_is_waited_for_by_the_patient_only()
    {
        await using var a = await StartAsync("a");
        var b = await StartAsync("b");
        await ChunkAgent.MeetAsync(a, b);
        var (ofB, absent) = (await b.PutAsync(Make(40, 1 << 20)), Make(1, 100_000));
        ChunkRef[] wanted = [.. ofB, .. absent.Select(chunk => chunk.Ref)];
        var patient = a.FetchAsync(["b", "c"], wanted, isPatient: true);   // c was never there
        await a.ArrivedAsync([ofB[0]]);
        var impatient = a.FetchAsync(["b"], wanted, isPatient: false);
        var address = b.Peer.Address;
        await b.DisposeAsync();
        Assert.Contains(absent[0].Ref, await impatient.Within("nobody is left"));
        Assert.False(patient.IsCompleted);
        a.Peer.Dialer.Wall("b");   // until it has all: who is asked for what it has not is not asked again
        await using var again = await StartAsync("b", address);
        await again.PutAsync(absent);
        a.Peer.Dialer.Open("b");
        Assert.Empty(await patient.Within("the peer came back with all"));
    }

    [Fact]
    public async Task A_peer_that_sends_what_is_no_chunk_loses_its_link()
    {
        await using var a = await StartAsync("a");
        await using var b = await StartAsync("b");
        await ChunkAgent.MeetAsync(a, b);
        Assert.True(a.Peer.Links.TrySend("b", PeerBody.Objects, new byte[] { 0xff, 1, 2, 3 }));
        Assert.Contains("the agent of a sent what is no chunk", await b.Peer.DownAsync("a"), StringComparison.Ordinal);
    }

    private Task<ChunkAgent> StartAsync(string id, Uri? at = null) => ChunkAgent.StartAsync(id, _key, _folder.FullName, at);

    private VerifiedChunk[] Make(int count, int length)
    {
        var random = new Random(++_seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            return VerifiedChunk.Of(bytes);
        })];
    }
}
