using System.Collections.Immutable;
using Notebook.Raft.Messages;

namespace Notebook.Raft;

/// <summary>Who belongs to a group. Voters decide; learners only receive the log. Immutable, both lists sorted, no id twice.</summary>
public sealed class Membership : IEquatable<Membership>
{
    /// <summary>Most members of a group, voters and learners together.</summary>
    public const int MaxMembers = 32;

    private Membership(ImmutableArray<MemberId> voters, ImmutableArray<MemberId> learners) =>
        (Voters, Learners) = (voters, learners);

    /// <summary>Nobody: what a member that was not told yet knows of its group.</summary>
    public static Membership Empty { get; } = new([], []);

    /// <summary>Who votes and counts for commitment.</summary>
    public ImmutableArray<MemberId> Voters { get; }

    /// <summary>Who only receives.</summary>
    public ImmutableArray<MemberId> Learners { get; }

    /// <summary>Votes that make a majority.</summary>
    public int Quorum => Voters.Length / 2 + 1;

    /// <summary>Bytes that <see cref="Write"/> makes.</summary>
    public int Size => 2 + 4 * (Voters.Length + Learners.Length);

    /// <summary>Makes one.</summary>
    /// <exception cref="ArgumentException">An id is 0 or there twice, or there are too many.</exception>
    public static Membership Of(IEnumerable<MemberId> voters, IEnumerable<MemberId>? learners = null)
    {
        var made = new Membership(Sorted(voters), Sorted(learners ?? []));
        return made.Flaw() is { } flaw ? throw new ArgumentException(flaw) : made;
    }

    /// <summary>Whether this member votes.</summary>
    public bool IsVoter(MemberId member) => Voters.Contains(member);

    /// <summary>Whether this member is a learner.</summary>
    public bool IsLearner(MemberId member) => Learners.Contains(member);

    /// <summary>Whether this member belongs to the group at all.</summary>
    public bool Contains(MemberId member) => IsVoter(member) || IsLearner(member);

    /// <summary>The wire form: both counts, then the ids.</summary>
    public ReadOnlyMemory<byte> Write()
    {
        var bytes = new byte[Size];
        var writer = new WireWriter(bytes);
        writer.Byte((byte)Voters.Length);
        writer.Byte((byte)Learners.Length);
        foreach (var member in Voters.Concat(Learners)) writer.Int(member.Value);
        return bytes;
    }

    /// <summary>Reads the wire form, which takes all of the bytes.</summary>
    /// <exception cref="WireFormatException">The bytes are not a membership.</exception>
    public static Membership Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var (voters, learners) = (reader.Byte(), reader.Byte());
        var read = new Membership(ReadIds(voters, ref reader), ReadIds(learners, ref reader));
        reader.End();
        return read.Flaw() is { } flaw ? throw new WireFormatException(flaw) : read;
    }

    /// <inheritdoc/>
    public bool Equals(Membership? other) =>
        other is not null && Voters.SequenceEqual(other.Voters) && Learners.SequenceEqual(other.Learners);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Membership);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        Voters.Concat(Learners).Aggregate(Voters.Length, (hash, member) => HashCode.Combine(hash, member));

    /// <inheritdoc/>
    public override string ToString() => $"voters {string.Join(' ', Voters)}, learners {string.Join(' ', Learners)}";

    private static ImmutableArray<MemberId> Sorted(IEnumerable<MemberId> members) =>
        [.. members.OrderBy(member => member.Value)];

    private static ImmutableArray<MemberId> ReadIds(int count, ref WireReader reader)
    {
        if (count > MaxMembers) throw new WireFormatException($"{count} members; {MaxMembers} are the most");
        var members = ImmutableArray.CreateBuilder<MemberId>(count);
        while (members.Count < count) members.Add(reader.Member());
        return members.MoveToImmutable();
    }

    private string? Flaw()
    {
        if (Voters.Length + Learners.Length > MaxMembers) return $"more than {MaxMembers} members";
        var all = Voters.Concat(Learners).ToArray();
        if (all.Any(member => member.Value <= 0)) return "a member's id is not positive";
        if (all.Distinct().Count() != all.Length) return "a member is there twice";
        if (!Sorted(Voters).SequenceEqual(Voters) || !Sorted(Learners).SequenceEqual(Learners)) return "members are not sorted";
        return null;
    }
}
