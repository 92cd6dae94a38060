using System.Text.Json.Serialization.Metadata;

namespace Notebook.Embedded.Serialization;

/// <summary>Leaves out what cannot be read back: properties that are worked out from others.</summary>
internal static class StoredMembers
{
    public static void Modify(JsonTypeInfo info)
    {
        if (info.Kind != JsonTypeInfoKind.Object) return;
        for (var i = info.Properties.Count - 1; i >= 0; i--)
        {
            var property = info.Properties[i];
            if (property is { Set: null, AssociatedParameter: null, IsExtensionData: false }) info.Properties.RemoveAt(i);
        }
    }
}
