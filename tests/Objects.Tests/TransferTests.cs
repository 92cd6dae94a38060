using System.Collections.Immutable;

namespace Notebook.Objects.Tests;

public sealed class TransferTests
{
    private static readonly TimeSpan _start = TimeSpan.FromSeconds(100);
    private static readonly TransferLimits _limits = new();

    private static VerifiedChunk[] Chunks(int count, int length = 100) =>
        [.. Enumerable.Range(0, count).Select(i => VerifiedChunk.Of(Values.Of(i, length)))];

    private static ImmutableArray<ChunkRef> Refs(params IEnumerable<VerifiedChunk> chunks) => [.. chunks.Select(chunk => chunk.Ref)];

    [Fact]
    public void A_receiver_wants_what_it_lacks_and_says_what_it_has()
    {
        var chunks = Chunks(3);
        var receiver = new ChunkReceiver("b", _limits, chunk => chunk == chunks[1].Ref);
        receiver.Receive(new TransferMessage.Offer(0, Refs(chunks)));
        Values.AreEqual(Refs(chunks[1]), Assert.IsType<TransferMessage.Held>(receiver.NextMessage(_start)).Chunks);
        Values.AreEqual(Refs(chunks[0], chunks[2]), Assert.IsType<TransferMessage.Want>(receiver.NextMessage(_start)).Chunks);
        Assert.Null(receiver.NextMessage(_start));

        var stored = receiver.Receive(new TransferMessage.Data(chunks[2].Ref, chunks[2].Bytes), _start);
        Assert.Equal(chunks[2].Ref, stored?.Ref);
        receiver.Stored(chunks[2].Ref);
        Values.AreEqual(Refs(chunks[2]), Assert.IsType<TransferMessage.Held>(receiver.NextMessage(_start)).Chunks);
        Assert.Equal(1, receiver.Expected);
    }

    [Fact]
    public void What_was_not_asked_for_or_is_wrong_is_refused_and_counted_and_the_peer_named()
    {
        var chunks = Chunks(2);
        var receiver = new ChunkReceiver("agent-7", _limits, _ => false);
        Assert.Null(receiver.Receive(new TransferMessage.Data(chunks[0].Ref, chunks[0].Bytes), _start));
        receiver.TryAsk(0, Refs(chunks));
        Assert.Null(receiver.Receive(new TransferMessage.Data(chunks[0].Ref, chunks[0].Bytes), _start));
        receiver.NextMessage(_start);
        Assert.Null(receiver.Receive(new TransferMessage.Data(chunks[0].Ref, chunks[1].Bytes), _start));
        Assert.Null(receiver.Receive(new TransferMessage.Data(chunks[1].Ref, chunks[1].Bytes[1..]), _start));
        Assert.Equal(new TransferFaults("agent-7") { Unasked = 2, WrongHash = 1, WrongLength = 1 }, receiver.Faults);

        // Both are wanted again, and welcome when they are right.
        Values.AreEqual(Refs(chunks), Assert.IsType<TransferMessage.Want>(receiver.NextMessage(_start)).Chunks);
        Assert.NotNull(receiver.Receive(new TransferMessage.Data(chunks[0].Ref, chunks[0].Bytes), _start));
        Assert.Null(receiver.Receive(new TransferMessage.Data(chunks[0].Ref, chunks[0].Bytes), _start));
        Assert.Equal(3, receiver.Faults.Unasked);
    }

    [Fact]
    public void No_more_than_a_window_is_in_flight_or_being_stored()
    {
        var chunks = Chunks(10);
        var receiver = new ChunkReceiver("b", _limits with { WindowBytes = 350 }, _ => false);
        receiver.TryAsk(0, Refs(chunks));
        Values.AreEqual(Refs(chunks[..3]), Assert.IsType<TransferMessage.Want>(receiver.NextMessage(_start)).Chunks);
        receiver.Receive(new TransferMessage.Data(chunks[0].Ref, chunks[0].Bytes), _start);
        Assert.Null(receiver.NextMessage(_start));

        receiver.Stored(chunks[0].Ref);
        Assert.IsType<TransferMessage.Held>(receiver.NextMessage(_start));
        Values.AreEqual(Refs(chunks[3]), Assert.IsType<TransferMessage.Want>(receiver.NextMessage(_start)).Chunks);
    }

    [Fact]
    public void A_chunk_longer_than_the_window_still_comes()
    {
        var chunks = Chunks(2);
        var receiver = new ChunkReceiver("b", _limits with { WindowBytes = 10 }, _ => false);
        receiver.TryAsk(0, Refs(chunks));
        Values.AreEqual(Refs(chunks[0]), Assert.IsType<TransferMessage.Want>(receiver.NextMessage(_start)).Chunks);
        Assert.Null(receiver.NextMessage(_start));
    }

    [Fact]
    public void What_is_urgent_overtakes_on_both_sides()
    {
        var chunks = Chunks(6);
        var (sender, receiver) = (new ChunkSender(_limits with { MaxOpenOffers = 2 }), new ChunkReceiver("b", _limits with { WindowChunks = 1 }, _ => false));
        sender.TryOffer(5, Refs(chunks[..4]));
        var first = Assert.IsType<TransferMessage.Offer>(sender.NextMessage(_start));
        Values.AreEqual(Refs(chunks[..2]), first.Chunks);
        Assert.Null(sender.NextMessage(_start));
        sender.TryOffer(1, Refs(chunks[4]));
        var urgent = Assert.IsType<TransferMessage.Offer>(sender.NextMessage(_start));
        Assert.Equal((1, chunks[4].Ref), (urgent.Priority, Assert.Single(urgent.Chunks)));

        receiver.Receive(first);
        receiver.Receive(urgent);
        receiver.TryAsk(0, Refs(chunks[5]));
        Values.AreEqual(Refs(chunks[5]), Assert.IsType<TransferMessage.Want>(receiver.NextMessage(_start)).Chunks);
        sender.Receive(new TransferMessage.Want(Refs(chunks[0], chunks[4])), _start);
        Assert.Equal(chunks[4].Ref, sender.NextChunk());
        Assert.Equal(chunks[0].Ref, sender.NextChunk());
        Assert.Null(sender.NextChunk());
    }

    [Fact]
    public void Silence_repeats_offers_and_wants_and_an_answer_ends_it()
    {
        var chunks = Chunks(2);
        var (sender, receiver) = (new ChunkSender(_limits), new ChunkReceiver("b", _limits, _ => false));
        sender.TryOffer(0, Refs(chunks));
        var offer = (TransferMessage.Offer)sender.NextMessage(_start)!;
        receiver.Receive(offer);
        receiver.NextMessage(_start);
        Assert.Null(sender.NextMessage(_start + _limits.Patience));
        Assert.Null(receiver.NextMessage(_start + _limits.Patience));

        var late = _start + _limits.Patience + TimeSpan.FromTicks(1);
        Values.AreEqual(offer.Chunks, Assert.IsType<TransferMessage.Offer>(sender.NextMessage(late)).Chunks);
        Values.AreEqual(offer.Chunks, Assert.IsType<TransferMessage.Want>(receiver.NextMessage(late)).Chunks);
        sender.Receive(new TransferMessage.Held(Refs(chunks)), late);
        Assert.Equal(0, sender.Unconfirmed);
        Assert.Null(sender.NextMessage(late + 10 * _limits.Patience));
    }

    [Fact]
    public void What_a_peer_lacks_or_never_sends_right_is_reported_to_ask_another()
    {
        var chunks = Chunks(2);
        var receiver = new ChunkReceiver("b", _limits with { MaxAttempts = 3 }, _ => false);
        receiver.TryAsk(0, Refs(chunks));
        receiver.NextMessage(_start);
        receiver.Receive(new TransferMessage.Lack(Refs(chunks[0])));
        Values.AreEqual(Refs(chunks[0]), receiver.TakeUnavailable());
        for (var attempt = 0; attempt < 3; attempt++)
        {
            Assert.Empty(receiver.TakeUnavailable());
            receiver.Receive(new TransferMessage.Data(chunks[1].Ref, chunks[0].Bytes), _start);
            receiver.NextMessage(_start);
        }
        Values.AreEqual(Refs(chunks[1]), receiver.TakeUnavailable());
        Assert.Equal(0, receiver.Expected);
    }

    [Fact]
    public void What_is_gone_at_the_sender_is_offered_no_more()
    {
        var chunks = Chunks(3);
        var sender = new ChunkSender(_limits);
        sender.TryOffer(0, Refs(chunks[..2]));
        sender.NextMessage(_start);
        sender.TryOffer(0, Refs(chunks[2]));
        sender.Withdraw(chunks[0].Ref);
        sender.Withdraw(chunks[2].Ref);   // not offered yet
        Assert.Null(sender.NextMessage(_start));
        Assert.Equal(1, sender.Unconfirmed);
        Values.AreEqual(Refs(chunks[1]), Assert.IsType<TransferMessage.Offer>(sender.NextMessage(_start + 2 * _limits.Patience)).Chunks);
    }

    [Fact]
    public void A_full_disk_is_told_to_the_sender_and_pauses_the_transfer()
    {
        var chunks = Chunks(2);
        var (sender, receiver) = (new ChunkSender(_limits), new ChunkReceiver("b", _limits, _ => false));
        receiver.TryAsk(0, Refs(chunks));
        receiver.NextMessage(_start);
        receiver.Receive(new TransferMessage.Data(chunks[0].Ref, chunks[0].Bytes), _start);
        receiver.NotStored(chunks[0].Ref, new(100, 7), _start);
        var full = Assert.IsType<TransferMessage.Full>(receiver.NextMessage(_start));
        sender.Receive(full, _start);
        Assert.Equal(new DiskShortage(100, 7), sender.PeerShortage);
        Assert.Null(receiver.NextMessage(_start));

        var want = Assert.IsType<TransferMessage.Want>(receiver.NextMessage(_start + _limits.FullPause));
        Assert.Contains(chunks[0].Ref, want.Chunks);
        sender.Receive(want, _start);
        Assert.Null(sender.PeerShortage);
    }

    [Fact]
    public void Every_list_has_its_limit()
    {
        var chunks = Chunks(10);
        var limits = _limits with { MaxOffered = 5, MaxPending = 5, MaxWanted = 5 };
        var sender = new ChunkSender(limits);
        Assert.False(sender.TryOffer(0, Refs(chunks[..6])));
        Assert.True(sender.TryOffer(0, Refs(chunks[..5])));
        Assert.False(sender.TryOffer(0, Refs(chunks[5])));
        sender.Receive(new TransferMessage.Want(Refs(chunks)), _start);
        Assert.Equal(5, Enumerable.Range(0, 10).Count(_ => sender.NextChunk() is not null));

        var receiver = new ChunkReceiver("b", limits, _ => false);
        receiver.Receive(new TransferMessage.Offer(0, Refs(chunks)));
        Assert.Equal(5, receiver.Expected);
        Assert.False(receiver.TryAsk(0, Refs(chunks[9])));
    }
}
