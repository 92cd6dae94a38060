using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Says which writes of grain state fail, as when the database is away for a moment.</summary>
internal sealed class FailingWrites
{
    private readonly ConcurrentDictionary<string, int> _left = new();

    /// <summary>The next writes of this grain's state fail, whatever the state is called.</summary>
    public void FailNext(IAddressable grain, int writes = 1) => _left[grain.GetGrainId().ToString()] = writes;

    /// <summary>Called by the storage before each write.</summary>
    public void Write(string grain)
    {
        while (_left.TryGetValue(grain, out var left) && left > 0)
        {
            if (_left.TryUpdate(grain, left - 1, left)) throw new OrleansException("the database is away: the test says so");
        }
    }
}
