using Notebook.Grains.Policies.Plugins;

namespace Notebook.Grains.Policies.Catalog;

/// <summary>All policies that can be picked: the platform's own, and those of plug-ins.</summary>
public sealed class PolicyCatalog
{
    private static readonly TimeSpan s_construction = TimeSpan.FromSeconds(5);

    private PolicyCatalog(PluginScan plugins)
    {
        var known = PolicyKinds.All.SelectMany(k => k.BuiltIn).ToList();
        var faults = plugins.Faults.ToList();
        foreach (var policy in plugins.Policies)
        {
            if (known.Find(k => k.Kind == policy.Kind && k.Name == policy.Name) is not { } other) known.Add(policy);
            else faults.Add($"policy plug-in {policy.Origin}: its {policy.Kind} policy is called {policy.Name}, as one that is {From(other)}: give it another name");
        }

        All = [.. PolicyKinds.All.SelectMany(kind => known.Where(k => k.Kind == kind))];
        Faults = [.. faults];
    }

    /// <summary>Without plug-ins.</summary>
    public static PolicyCatalog BuiltIn { get; } = new(PluginScan.Nothing);

    /// <summary>By kind; those of a kind in the order in which they became known, the default first.</summary>
    public ImmutableArray<KnownPolicy> All { get; }

    /// <summary>What is wrong with the plug-ins, one line each.</summary>
    public ImmutableArray<string> Faults { get; }

    /// <summary>With the plug-ins of a folder. Runs their constructors, each for at most 5 s.</summary>
    /// <param name="folder">The folder; null for none.</param>
    public static PolicyCatalog Open(string? folder) => folder is null ? BuiltIn : new PolicyCatalog(PluginFolder.Scan(folder, s_construction));

    /// <summary>One policy for each kind: those chosen, else those of the regime, else the default.</summary>
    /// <param name="choices">Each <c>KIND=NAME</c> or <c>KIND=NAME:OPTION</c>.</param>
    /// <param name="regime">The regime's name; null for the default.</param>
    /// <exception cref="PolicyException">A choice cannot be met, or something is wrong with a plug-in.</exception>
    public PolicyPlan Plan(IEnumerable<string> choices, string? regime = null)
    {
        if (Faults is [var fault, .. var more])
            throw new PolicyException(more.IsEmpty ? fault : $"{fault} (and {more.Length} more: 'notebook policies --policies FOLDER' lists them)");
        var picks = new Dictionary<PolicyKind, PolicyPick>();
        foreach (var pick in choices.Select(Pick))
        {
            if (!picks.TryAdd(pick.Known.Kind, pick))
                throw new PolicyException($"the {pick.Known.Kind} policy is chosen twice, {picks[pick.Known.Kind].Text} and {pick.Text}: choose one");
        }

        var parts = regime is null ? KnownRegimes.Default : KnownRegimes.All.FirstOrDefault(r => r.Name == regime)
            ?? throw new PolicyException($"there is no regime '{regime}', there are {string.Join(", ", KnownRegimes.All)}");
        foreach (var pick in parts.Policies.Select(Pick)) picks.TryAdd(pick.Known.Kind, pick);
        return new PolicyPlan(parts, [.. PolicyKinds.All.Select(k => picks.GetValueOrDefault(k) ?? new PolicyPick(k.Default, null, k.Default.Make(null)))]);
    }

    /// <summary>Finds and makes what <paramref name="choice"/> names.</summary>
    /// <exception cref="PolicyException">There is no such policy, or its option is none.</exception>
    public PolicyPick Pick(string choice)
    {
        if (choice.Split('=', 2) is not [var kindName, var text])
            throw Refused($"it must be KIND=NAME, such as {PolicyKinds.Placement}={PolicyKinds.Placement.Default.Name}");
        if (PolicyKinds.All.FirstOrDefault(k => k.Name == kindName) is not { } kind)
            throw Refused($"there is no kind '{kindName}', there are {string.Join(", ", PolicyKinds.All.Select(k => k.Name))}");
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, option) = colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
        var ofKind = All.Where(k => k.Kind == kind).ToList();
        if (ofKind.Find(k => k.Name == name) is not { } known)
            throw Refused($"there is no {kind} policy '{name}', there are {string.Join(", ", ofKind.Select(k => k.Form))}");
        if (option is not null && known.Option is null) throw Refused($"{name} takes no option, leave ':{option}' out");
        if (option is null && known.Option is not null) throw Refused($"it must be {kind}={known.Form}");
        try
        {
            return new PolicyPick(known, option, known.Make(option));
        }
        catch (FormatException e)
        {
            throw Refused(e.Message);
        }

        PolicyException Refused(string why) => new($"policy '{choice}': {why}");
    }

    private static string From(KnownPolicy policy) => policy.IsBuiltIn ? policy.Origin : $"from {policy.Origin}";
}
