namespace Notebook.Grains.Policies.Catalog;

/// <summary>A policy that can be picked.</summary>
/// <param name="Kind">What it decides.</param>
/// <param name="Name">By which it is picked.</param>
/// <param name="Description">What it does, in one line.</param>
/// <param name="Origin"><see cref="BuiltInOrigin"/>, or the file name of its plug-in.</param>
/// <param name="Option">What has to follow its name and a colon, such as <c>MINUTES</c>; null when it takes nothing.</param>
/// <param name="Make">Makes it of its option, null when it takes none; throws <see cref="FormatException"/> with a line that says what it must be.</param>
public sealed record KnownPolicy(
    PolicyKind Kind, string Name, string Description, string Origin, string? Option, Func<string?, IPolicy> Make)
{
    /// <summary>The origin of those that are part of the platform.</summary>
    public const string BuiltInOrigin = "built-in";

    /// <summary>Whether it is part of the platform.</summary>
    public bool IsBuiltIn => Origin == BuiltInOrigin;

    /// <summary>Whether it decides when nobody chose.</summary>
    public bool IsDefault => ReferenceEquals(this, Kind.Default);

    /// <summary>How it is written on a command line, without its kind.</summary>
    public string Form => Option is null ? Name : $"{Name}:{Option}";
}

/// <summary>A policy that was picked.</summary>
/// <param name="Known">Which.</param>
/// <param name="Option">With which option, or null.</param>
/// <param name="Policy">Made of it.</param>
public sealed record PolicyPick(KnownPolicy Known, string? Option, IPolicy Policy)
{
    /// <summary>As it was written, without its kind.</summary>
    public string Text => Option is null ? Known.Name : $"{Known.Name}:{Option}";
}

/// <summary>A choice of policies that cannot be met; the message is one line for the operator.</summary>
/// <param name="message">What was asked, what was found, what to do.</param>
public sealed class PolicyException(string message) : Exception(message);
