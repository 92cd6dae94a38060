namespace Notebook.Contracts;

/// <summary>How a kernel's state is kept, in the words of users and operators.</summary>
public static class KeepingWords
{
    /// <summary>The words for <see cref="Contracts.Durability"/>, for messages.</summary>
    public const string Durabilities = "state or all";

    /// <summary>The words for <see cref="StandbyMode"/>, for messages.</summary>
    public const string Standbys = "hot, warm or cold";

    /// <summary>What a word asks for; null when it is none.</summary>
    public static Durability? Durability(string word) => word switch
    {
        "state" => Contracts.Durability.State,
        "all" => Contracts.Durability.All,
        _ => null,
    };

    /// <summary>What a word asks for; null when it is none.</summary>
    public static StandbyMode? Standby(string word) => word switch
    {
        "hot" => StandbyMode.Hot,
        "warm" => StandbyMode.Warm,
        "cold" => StandbyMode.Cold,
        _ => null,
    };

    /// <summary>The word for a mode.</summary>
    public static string Of<T>(T mode) where T : struct, Enum => mode.ToString().ToLowerInvariant();
}
