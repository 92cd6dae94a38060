using Notebook.Agent.Chunks;
using Notebook.Objects;

namespace Notebook.Agent.Tests.Chunks;

public sealed class ChunkFetchTests
{
    private static readonly string[] s_members = ["b", "c"];
    private readonly ChunkRef[] _chunks = [.. Enumerable.Range(0, 3).Select(i => ChunkRef.Of([(byte)i]))];

    [Fact]
    public void Each_member_is_asked_for_each_chunk_once_and_for_a_bounded_number_at_a_time()
    {
        ChunkRef[] many = [.. Enumerable.Range(0, 2 * ChunkFetch.MaxAskedAtOnce + 1).Select(i => ChunkRef.Of(BitConverter.GetBytes(i)))];
        var fetch = new ChunkFetch(many, isPatient: false);
        var asked = new List<ChunkRef>();
        while (fetch.NextFor("b") is { Count: > 0 } next)
        {
            Assert.True(next.Count <= ChunkFetch.MaxAskedAtOnce);
            asked.AddRange(next);
            fetch.Asked("b", next.Count);
        }

        Assert.Equal(many, asked);
        Assert.Equal(ChunkFetch.MaxAskedAtOnce, fetch.NextFor("c").Count);
    }

    [Fact]
    public void It_is_over_when_all_is_here()
    {
        var fetch = new ChunkFetch(_chunks, isPatient: true);
        fetch.Arrived(_chunks[0]);
        fetch.Arrived(_chunks[1]);
        Assert.Equal([_chunks[2]], fetch.Missing);
        Assert.False(fetch.IsOver(s_members, _ => true));
        fetch.Arrived(_chunks[2]);
        Assert.True(fetch.IsOver(s_members, _ => false));
    }

    [Fact]
    public void It_is_over_when_every_member_lacks_what_is_missing()
    {
        var fetch = new ChunkFetch(_chunks, isPatient: false);
        fetch.Lacks("b", _chunks);
        fetch.Lacks("c", _chunks[1..]);
        Assert.False(fetch.IsOver(s_members, _ => true));
        fetch.Arrived(_chunks[0]);
        Assert.True(fetch.IsOver(s_members, _ => true));
    }

    [Fact]
    public void Only_a_patient_one_waits_for_members_out_of_reach()
    {
        var (impatient, patient) = (new ChunkFetch(_chunks, isPatient: false), new ChunkFetch(_chunks, isPatient: true));
        impatient.Lacks("b", _chunks);
        patient.Lacks("b", _chunks);
        Assert.True(impatient.IsOver(s_members, member => member == "b"));
        Assert.False(patient.IsOver(s_members, member => member == "b"));
    }

    [Fact]
    public void A_member_with_a_new_link_is_asked_again()
    {
        var fetch = new ChunkFetch(_chunks, isPatient: true);
        fetch.Asked("b", 3);
        fetch.Lacks("b", _chunks);
        fetch.Lacks("c", _chunks);
        fetch.Again("b");
        Assert.Equal(3, fetch.NextFor("b").Count);
        Assert.False(fetch.IsOver(s_members, _ => true));
    }
}
