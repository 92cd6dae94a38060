using System.Text.Json.Serialization.Metadata;

namespace Notebook.Embedded.Serialization;

/// <summary>
/// An abstract record stands for the records that derive from it in its assembly. Each is written with its alias, or
/// else its name, so that it comes back as what it was.
/// </summary>
internal static class ClosedHierarchies
{
    public static void Modify(JsonTypeInfo info)
    {
        var type = info.Type;
        if (info.Kind != JsonTypeInfoKind.Object || type is not { IsClass: true, IsAbstract: true, IsGenericType: false }) return;
        if (type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true) return;
        info.PolymorphismOptions ??= new() { TypeDiscriminatorPropertyName = "$type" };
        foreach (var derived in type.Assembly.GetTypes().Where(t => !t.IsAbstract && !t.IsGenericType && type.IsAssignableFrom(t)))
        {
            info.PolymorphismOptions.DerivedTypes.Add(new(derived, Aliases.Of(derived) ?? derived.Name));
        }
    }
}
