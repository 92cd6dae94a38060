namespace Notebook.Grains.Policies;

/// <summary>The pre-warm policies by their names.</summary>
public static class PrewarmPolicies
{
    /// <summary>The one that an operator picks.</summary>
    public static IPrewarmPolicy Of(PrewarmChoice choice) => choice.Kind switch
    {
        PrewarmKind.Agent => new AgentPool(),
        PrewarmKind.Fixed => new FixedPool(choice.Count),
        PrewarmKind.Minimum => new MinimumPool(choice.Count),
        PrewarmKind.LittlesLaw => new LittlesLawPool(),
        _ => throw new ArgumentOutOfRangeException(nameof(choice), choice.Kind, "an unknown pre-warm policy"),
    };
}
