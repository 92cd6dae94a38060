namespace Notebook.Objects.Tests;

/// <summary>
/// Two agents with production exchanges and stores of their own, on a link that drops, repeats, delays, reorders and spoils
/// messages, all from one seed, in virtual time. Either agent may restart with nothing but what it stored.
/// </summary>
internal sealed class TransferSimulation
{
    private readonly Random _random;
    private readonly Agent[] _agents;
    private readonly List<(TimeSpan At, int To, byte[] Message)> _wire = [];
    private readonly TransferLimits _limits;
    private readonly double _loss;
    private readonly double _garbage;

    internal TransferSimulation(int seed, int chunks)
    {
        _random = new(seed);
        _loss = _random.NextDouble() * 0.3;
        _garbage = _random.NextDouble() * 0.1;
        _limits = new()
        {
            WindowBytes = _random.Next(1, 20) * 200,
            WindowChunks = _random.Next(1, 40),
            MaxOpenOffers = _random.Next(1, 50),
            MaxPending = _random.Next(chunks / 4, 2 * chunks),
            MaxWanted = _random.Next(1, 50),
            MaxAttempts = 1000,
        };
        Knobs = $"seed {seed}: loss {_loss:F2}, garbage {_garbage:F2}, {_limits}";
        _agents = [new(_limits), new(_limits)];
        for (var i = 0; i < chunks; i++)
        {
            var chunk = VerifiedChunk.Of(Values.Of(seed * 1000 + i, _random.Next(1, 400)));
            All.Add(chunk);
            // Each has some that the other lacks, and some are on both sides already.
            if (_random.Next(3) is var side && side != 1) _agents[0].Store[chunk.Ref] = chunk;
            if (side != 0) _agents[1].Store[chunk.Ref] = chunk;
        }
        foreach (var agent in _agents) agent.Offer(_random);
    }

    internal string Knobs { get; }

    internal List<VerifiedChunk> All { get; } = [];

    internal TimeSpan Now { get; private set; }

    internal long Refused => _agents.Sum(agent => agent.Exchange.Faults is var f ? f.Malformed + f.Unasked + f.WrongHash + f.WrongLength : 0);

    internal bool IsDone => _agents.All(agent => agent.Store.Count == All.Count && agent.Exchange.Sender.Unconfirmed == 0);

    internal void Run(TimeSpan time, bool isFaulty)
    {
        for (var end = Now + time; Now < end && (isFaulty || !IsDone); Now += TimeSpan.FromMilliseconds(100))
        {
            if (isFaulty && _random.Next(300) == 0) _agents[_random.Next(2)].Restart(_random);
            if (isFaulty && _random.Next(300) == 0) foreach (var agent in _agents) agent.Exchange.Reconnect();
            Deliver();
            for (var i = 0; i < 2; i++)
                foreach (var message in _agents[i].Pull(Now, room: _random.Next(1, 8), isFull: isFaulty && _random.Next(50) == 0)) Send(1 - i, message, isFaulty);
            foreach (var agent in _agents) agent.Check();
        }
    }

    private void Send(int to, byte[] message, bool isFaulty)
    {
        if (isFaulty && _random.NextDouble() < _loss) return;
        var copies = isFaulty && _random.Next(10) == 0 ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            byte[] sent = [.. message];
            if (isFaulty && _random.NextDouble() < _garbage) Spoil(ref sent);
            _wire.Add((Now + TimeSpan.FromMilliseconds(_random.Next(isFaulty ? 2000 : 100)), to, sent));
        }
    }

    private void Spoil(ref byte[] message)
    {
        if (_random.Next(2) == 0) message[_random.Next(message.Length)] ^= (byte)(1 << _random.Next(8));
        else if (_random.Next(2) == 0) message = message[..^_random.Next(1, message.Length + 1)];
        else _random.NextBytes(message);
    }

    private void Deliver()
    {
        foreach (var (_, to, message) in _wire.Where(sent => sent.At <= Now).ToList()) _agents[to].Receive(message, Now);
        _wire.RemoveAll(sent => sent.At <= Now);
    }

    private sealed class Agent(TransferLimits limits)
    {
        private readonly Queue<VerifiedChunk> _storing = new();

        public Dictionary<ChunkRef, VerifiedChunk> Store { get; } = [];

        public ChunkExchange Exchange { get; private set; } = null!;

        public void Offer(Random random)
        {
            Exchange = new("peer", limits, Store.ContainsKey);
            foreach (var chunk in Store.Keys) Assert.True(Exchange.Sender.TryOffer(random.Next(3), [chunk]));
        }

        public void Restart(Random random)
        {
            _storing.Clear();
            Offer(random);
        }

        public void Receive(byte[] message, TimeSpan now)
        {
            if (Exchange.Receive(message, now) is { } chunk) _storing.Enqueue(chunk);
            // Chunks that are none, from spoiled offers; good ones are offered again.
            Exchange.Receiver.TakeUnavailable();
        }

        public IEnumerable<byte[]> Pull(TimeSpan now, int room, bool isFull)
        {
            while (_storing.TryDequeue(out var chunk))
            {
                if (isFull)
                {
                    Exchange.Receiver.NotStored(chunk.Ref, new(chunk.Ref.Length, 0), now);
                    continue;
                }
                Store[chunk.Ref] = chunk;
                Exchange.Receiver.Stored(chunk.Ref);
            }
            while (room-- > 0)
            {
                if (Exchange.NextMessage(now) is { } message) yield return message.ToBytes();
                else if (Exchange.Sender.NextChunk() is not { } wanted) yield break;
                else if (Store.TryGetValue(wanted, out var chunk)) yield return new TransferMessage.Data(wanted, chunk.Bytes).ToBytes();
                else yield return new TransferMessage.Lack([wanted]).ToBytes();
            }
        }

        // What is stored is what its name says, and what waits to be stored fits the window.
        public void Check()
        {
            foreach (var (chunk, stored) in Store) Assert.Equal(chunk, stored.Ref);
            Assert.True(_storing.Count <= limits.WindowChunks);
            Assert.True(_storing.Count <= 1 || _storing.Sum(chunk => chunk.Ref.Length) <= limits.WindowBytes);
        }
    }
}
