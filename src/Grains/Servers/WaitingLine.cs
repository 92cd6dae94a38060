namespace Notebook.Grains.Servers;

/// <summary>The kernels that wait for GPUs of one server, first come, first served. At most one place for each kernel.</summary>
internal sealed class WaitingLine
{
    /// <summary>Ticks (seconds) that an offer may stay unanswered.</summary>
    public const int OfferTicks = 5;

    private readonly List<Place> _places = [];

    /// <summary>Takes a place at the end, or keeps the one that the kernel has.</summary>
    /// <returns>What is ahead of it.</returns>
    public (int CellsAhead, int GpusAhead) Join(KernelId kernel, long execution, int gpus)
    {
        var at = _places.FindIndex(p => p.Kernel == kernel);
        if (at < 0)
        {
            at = _places.Count;
            _places.Add(new Place(kernel));
        }

        var place = _places[at];
        (place.Execution, place.Gpus, place.OfferedFor) = (execution, gpus, null);
        return (at, _places.Take(at).Sum(p => p.Gpus));
    }

    /// <summary>Gives up a place that is for an execution up to and with this one.</summary>
    public void Leave(KernelId kernel, long execution = long.MaxValue) =>
        _places.RemoveAll(p => p.Kernel == kernel && p.Execution <= execution);

    /// <summary>Who should ask now, from the head of the line, when this many GPUs are idle.</summary>
    public ImmutableArray<KernelId> Offers(int idle)
    {
        var offers = ImmutableArray.CreateBuilder<KernelId>();
        foreach (var place in _places)
        {
            idle -= place.Gpus;
            if (idle < 0) break;
            if (place.OfferedFor is not null) continue;
            place.OfferedFor = 0;
            offers.Add(place.Kernel);
        }

        return offers.ToImmutable();
    }

    /// <summary>Ages the offers, and drops the places of those who did not answer.</summary>
    public void Tick()
    {
        foreach (var place in _places) place.OfferedFor++;
        _places.RemoveAll(p => p.OfferedFor > OfferTicks);
    }

    private sealed class Place(KernelId kernel)
    {
        public KernelId Kernel { get; } = kernel;

        public long Execution { get; set; }

        public int Gpus { get; set; }

        /// <summary>Ticks since it was offered room; null while it was not.</summary>
        public int? OfferedFor { get; set; }
    }
}
