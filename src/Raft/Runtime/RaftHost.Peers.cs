using System.Collections.Concurrent;
using Notebook.Raft.Messages;

namespace Notebook.Raft.Runtime;

// What comes from the other agents, and what goes to them.
public sealed partial class RaftHost
{
    private readonly ConcurrentDictionary<string, PeerOutbox> _outboxes = new(StringComparer.Ordinal);

    /// <summary>
    /// A frame came in from an agent. Works on it, answers included, before it returns; frames of one agent should be
    /// brought one after another.
    /// </summary>
    /// <param name="server">The agent's server, as the link has proven it.</param>
    /// <param name="frame">The frame; belongs to the host from now on.</param>
    /// <returns>What is wrong with it, and then the link should be broken; messages before the fault were worked on. Null when nothing is.</returns>
    public PeerFault? Receive(string server, ReadOnlyMemory<byte> frame)
    {
        Interlocked.Increment(ref Counts.FramesReceived);
        var touched = new List<RaftGroup>();
        var fault = Take(server, frame, touched);
        if (fault is not null)
        {
            Interlocked.Increment(ref Counts.Faults);
            if (_logger is { } logger) LogFault(logger, server, fault);
        }
        Flush();
        foreach (var group in touched) group.Drain();
        return fault;
    }

    /// <summary>Puts a message into its receiver's outbox; called under the group's lock.</summary>
    internal void Post(GroupId group, RaftMessage message, string? server)
    {
        if (server is null) Interlocked.Increment(ref Counts.MessagesDropped);
        else _outboxes.GetOrAdd(server, static (key, host) => new(key, host._transport, host.Options, host.Counts), this).Add(new(group, message));
    }

    /// <summary>Sends what waits; called under no lock.</summary>
    internal void Flush()
    {
        foreach (var (_, outbox) in _outboxes) outbox.Flush();
    }

    private PeerFault? Take(string server, ReadOnlyMemory<byte> frame, List<RaftGroup> touched)
    {
        if (frame.IsEmpty) return new PeerFault.Malformed("an empty frame");
        if (frame.Span[0] != PeerFrame.Version) return new PeerFault.OtherVersion(frame.Span[0]);
        try
        {
            for (var offset = 1; offset < frame.Length;)
                if (Take(server, PeerFrame.Read(frame, ref offset), touched) is { } fault) return fault;
        }
        catch (WireFormatException malformed)
        {
            return new PeerFault.Malformed(malformed.Message);
        }
        return null;
    }

    private PeerFault? Take(string server, in GroupMessage received, List<RaftGroup> touched)
    {
        var (id, message) = received;
        if (message is SnapshotRequest { Info.Length: var length } && length > Options.MaxSnapshotBytes)
            return new PeerFault.SnapshotTooLarge(id, length, Options.MaxSnapshotBytes);
        if (!_groups.TryGetValue(id, out var group))
        {
            Interlocked.Increment(ref Counts.UnknownGroups);
            return null;
        }
        if (group.ServerOf(message.From) is not { } home)
        {
            Interlocked.Increment(ref Counts.UnknownMembers);
            return null;
        }
        if (home != server) return new PeerFault.SpeaksForAnother(id, message.From, home);
        group.Step(message);
        touched.Add(group);
        return null;
    }
}
