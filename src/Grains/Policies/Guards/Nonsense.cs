namespace Notebook.Grains.Policies.Guards;

/// <summary>Finds answers that no policy may give.</summary>
internal static class Nonsense
{
    /// <summary>What is wrong with a choice of some of what was offered, each once; null when nothing is.</summary>
    /// <param name="what">What is chosen, such as <c>server</c>.</param>
    /// <param name="chosen">The answer.</param>
    /// <param name="offered">What there was to choose from.</param>
    public static string? InChoice<T>(string what, ImmutableArray<T> chosen, IEnumerable<T> offered)
        where T : notnull
    {
        if (chosen.IsDefault) return $"it names no {what}s, not even none";
        var left = new HashSet<T>(offered);
        var taken = new HashSet<T>();
        foreach (var item in chosen)
        {
            if (taken.Contains(item)) return $"it names {what} {item} twice";
            if (!left.Remove(item)) return $"it names {what} '{item}', which was not offered";
            taken.Add(item);
        }

        return null;
    }
}
