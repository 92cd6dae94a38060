namespace Notebook.Grains.Replicas;

internal static class ReplicaAssignments
{
    /// <summary>Whether both ask for the same process. A kernel's definition never changes, so its id stands for it.</summary>
    public static bool IsSameAs(this ReplicaAssignment one, ReplicaAssignment other) =>
        one.Server == other.Server
        && one.Definition.Kernel == other.Definition.Kernel
        && one.Session == other.Session
        && one.Incarnation == other.Incarnation;
}
