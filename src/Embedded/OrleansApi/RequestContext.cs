using System.Collections.Immutable;

namespace Orleans.Runtime;

/// <summary>Values that travel with calls, from caller to callee and on, never back.</summary>
public static class RequestContext
{
    private const string ReentrancyKey = "#CCR";
    private static readonly AsyncLocal<ImmutableDictionary<string, object>?> Values = new();

    /// <summary>Names the call chain that may re-enter, or empty.</summary>
    public static Guid ReentrancyId
    {
        get => Get(ReentrancyKey) is Guid id ? id : Guid.Empty;
        set
        {
            if (value == Guid.Empty) Remove(ReentrancyKey);
            else Set(ReentrancyKey, value);
        }
    }

    /// <summary>The keys that have values.</summary>
    public static IEnumerable<string> Keys => Values.Value?.Keys ?? [];

    /// <summary>All values.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Entries => Values.Value ?? [];

    internal static Guid ChainOf(ImmutableDictionary<string, object> values) =>
        values.TryGetValue(ReentrancyKey, out var value) && value is Guid id ? id : Guid.Empty;

    internal static ImmutableDictionary<string, object>? Snapshot
    {
        get => Values.Value;
        set => Values.Value = value;
    }

    /// <summary>Lets calls of this call chain into this grain until the section is disposed.</summary>
    public static ReentrancySection AllowCallChainReentrancy() =>
        new(ReentrancyId, ReentrancyId == Guid.Empty ? Guid.NewGuid() : ReentrancyId);

    /// <summary>Takes that back until the section is disposed.</summary>
    public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

    /// <summary>A value, or null.</summary>
    public static object? Get(string key) => Values.Value is { } values && values.TryGetValue(key, out var value) ? value : null;

    /// <summary>Sets a value for the calls made from here on.</summary>
    public static void Set(string key, object value) =>
        Values.Value = (Values.Value ?? ImmutableDictionary<string, object>.Empty).SetItem(key, value);

    /// <summary>Removes a value.</summary>
    /// <returns>Whether it was there.</returns>
    public static bool Remove(string key)
    {
        if (Values.Value is not { } values || !values.ContainsKey(key)) return false;
        values = values.Remove(key);
        Values.Value = values.IsEmpty ? null : values;
        return true;
    }

    /// <summary>Removes all values.</summary>
    public static void Clear()
    {
        // Writing an AsyncLocal costs; most callers have nothing to clear.
        if (Values.Value is not null) Values.Value = null;
    }

    /// <summary>A stretch of code whose call chain may, or may not, re-enter.</summary>
    public readonly struct ReentrancySection : IDisposable
    {
        private readonly Guid _before;
        private readonly Guid _now;

        /// <summary>Begins the stretch.</summary>
        public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
        {
            (_before, _now) = (originalReentrancyId, newReentrancyId);
            if (_now != _before) ReentrancyId = _now;
            if (_now != Guid.Empty) (RuntimeContext.Current as ICallChainReentrant)?.Enter(_now);
        }

        /// <summary>Ends the stretch.</summary>
        public void Dispose()
        {
            if (_now != Guid.Empty) (RuntimeContext.Current as ICallChainReentrant)?.Leave(_now);
            if (_now != _before) ReentrancyId = _before;
        }
    }
}

/// <summary>An activation that lets named call chains in.</summary>
internal interface ICallChainReentrant
{
    void Enter(Guid chain);

    void Leave(Guid chain);
}
