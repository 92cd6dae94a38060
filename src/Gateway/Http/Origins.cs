using System.Text.RegularExpressions;

namespace Notebook.Gateway.Http;

/// <summary>
/// Which web pages may use this gateway from browsers: those that it serves itself, and those of the origins that the operator
/// allows, as <c>allow_origin</c> and <c>allow_origin_pat</c> of Jupyter's servers. No clock, no IO.
/// </summary>
/// <param name="allowed">Origins such as <c>https://lab.example</c>; <c>*</c> is any.</param>
/// <param name="pattern">A pattern that a whole origin may match instead; null for none.</param>
internal sealed class Origins(IEnumerable<string> allowed, string? pattern)
{
    private readonly string[] _allowed = [.. allowed.Select(a => a.TrimEnd('/').ToLowerInvariant())];

    // Without backtracking, so that no origin takes long to look at.
    private readonly Regex? _pattern = pattern is null ? null : new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>Whether any is allowed but our own.</summary>
    public bool AllowsOthers => _allowed.Length > 0 || _pattern is not null;

    /// <summary>Whether the answer is another one for another origin.</summary>
    public bool Varies => AllowsOthers && !_allowed.Contains("*");

    /// <summary>What <c>Access-Control-Allow-Origin</c> says to a page of this origin; null for nothing.</summary>
    /// <param name="origin">The page's; empty where the caller does not say, as programs do.</param>
    public string? HeaderFor(string origin) =>
        _allowed.Contains("*") ? "*"
        : origin.Length > 0 && IsAllowed(origin) ? origin
        : _allowed is [var only] && _pattern is null ? only
        : null;

    /// <summary>Whether a caller may open a WebSocket: a browser lets any page try, and leaves the decision to us.</summary>
    /// <param name="origin">The page's origin; empty where the caller does not say, as programs do.</param>
    /// <param name="host">Where the caller thinks that we are.</param>
    public bool MayConnect(string origin, string host) =>
        origin.Length == 0 || host.Length == 0 || _allowed.Contains("*") || IsOurs(origin, host) || IsAllowed(origin);

    private bool IsAllowed(string origin)
    {
        var lower = origin.ToLowerInvariant();
        return _allowed.Contains(lower) || _pattern?.IsMatch(lower) == true;
    }

    private static bool IsOurs(string origin, string host) =>
        origin.IndexOf("://", StringComparison.Ordinal) is > 0 and var at && origin.AsSpan(at + 3).Equals(host, StringComparison.OrdinalIgnoreCase);
}
