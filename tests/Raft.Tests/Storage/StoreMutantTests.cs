using Notebook.Raft.Storage;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Notebook.Raft.Tests.Storage;

/// <summary>Stores that break one rule each, made by changing what the real one hands on. Every one is caught by the crash test.</summary>
public sealed class StoreMutantTests(ITestOutputHelper output)
{
    private const int Seeds = 60;

    private static readonly Dictionary<string, Action<SimulatedDisk, StoreWorkload>> Mutants = new()
    {
        ["acknowledges before the log is synced"] = (disk, _) => disk.SkipsSync = name => name.StartsWith("log-", StringComparison.Ordinal),
        ["makes a snapshot current before its file is synced"] = (disk, _) => disk.SkipsSync = name => name.StartsWith("snapshot-", StringComparison.Ordinal),
        ["does not sync the folder"] = (disk, _) => disk.SkipsSync = name => name == ".",
        ["does not cut a torn end off"] = (disk, _) => disk.SkipsCuts = true,
        ["does not truncate what entries replace"] = (_, work) => work.Deform = WithoutTruncation,
        ["does not write the hard state"] = (_, work) => work.Deform = (_, write) => write with { HardState = null },
        ["forgets the vote"] = (_, work) => work.Deform = (_, write) => write with { HardState = write.HardState is { } s ? s with { Vote = MemberId.None } : null },
        ["does not discard"] = (_, work) => work.Deform = (_, write) => write with { DiscardThrough = 0 },
    };

    public static TheoryData<string> Names => [.. Mutants.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_store_that_breaks_a_rule_is_caught(string mutant)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            try
            {
                StorePropertyTests.CrashAgainAndAgain(seed, crashes: 6, Mutants[mutant]);
            }
            catch (Exception caught) when (caught is XunitException or ArgumentException or StoreRefusedException or IOException)
            {
                output.WriteLine($"a store that {mutant} is caught by seed {seed}: {caught.Message}");
                return;
            }
        }

        Assert.Fail($"none of {Seeds} seeds catches a store that {mutant}");
    }

    private static GroupWrite WithoutTruncation(LogStore store, GroupWrite write)
    {
        var last = store.Group(write.Group).Last.Index;
        return write with { Entries = [.. write.Entries.Where(e => e.Id.Index > last)] };
    }
}
