using Notebook.Raft.Storage;
using Notebook.Raft.Tests.Simulation;

namespace Notebook.Raft.Tests.Mutants;

internal sealed class VoteIsNotStored : Mutation
{
    public override GroupWrite Store(GroupWrite write, IGroupLog log) =>
        write.HardState is { } state ? write with { HardState = state with { Vote = MemberId.None } } : write;
}

internal sealed class TermIsNotStored : Mutation
{
    public override GroupWrite Store(GroupWrite write, IGroupLog log) => write with { HardState = null };
}

internal sealed class CommitIsStoredAheadOfEntries : Mutation
{
    public override Ready Change(Node node, Ready ready) => ready.Write is { } write
        ? ready with { Write = write with { HardState = (write.HardState ?? node.Store.Log.HardState) with { Commit = node.Member!.CommitIndex } } }
        : ready;
}

internal sealed class PromisesLeaveBeforeTheDiskHasThem : Mutation
{
    public override Ready Change(Node node, Ready ready) =>
        ready with { Messages = ready.Messages.AddRange(ready.MessagesAfterWrite), MessagesAfterWrite = [] };
}

internal sealed class TruncationIsSkipped : Mutation
{
    public override GroupWrite Store(GroupWrite write, IGroupLog log) =>
        write with { Entries = write.Entries.RemoveAll(entry => entry.Id.Index <= log.Last.Index && write.Snapshot is null) };
}

internal sealed class SnapshotIndexIsOneTooLow : Mutation
{
    public override GroupWrite Store(GroupWrite write, IGroupLog log)
    {
        if (write.Snapshot is not { } piece) return write;
        var last = piece.Info.Last with { Index = piece.Info.Last.Index - 1 };
        return write with
        {
            Snapshot = piece with { Info = piece.Info with { Last = last } },
            DiscardThrough = Math.Max(0, write.DiscardThrough - 1),
        };
    }
}
