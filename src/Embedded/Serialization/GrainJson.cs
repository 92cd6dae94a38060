using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Notebook.Embedded.Hosting;

namespace Notebook.Embedded.Serialization;

/// <summary>
/// How values are written for stores and for other processes: JSON, with references to grains and observers as their
/// ids, and cases of an abstract record told apart by <c>$type</c>.
/// </summary>
internal sealed class GrainJson
{
    public GrainJson(IReferenceRuntime runtime, Func<string, Type?> interfaceNamed)
    {
        Options = new()
        {
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { ClosedHierarchies.Modify, StoredMembers.Modify } },
            Converters = { new JsonStringEnumConverter(), new ReferenceConverterFactory(runtime, interfaceNamed), new ImmutableArrayConverterFactory(), new NamedTextConverterFactory() },
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            IncludeFields = true,
            MaxDepth = 64,
        };
        Options.MakeReadOnly();
    }

    public JsonSerializerOptions Options { get; }

    public byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    public T? Read<T>(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<T>(json, Options);
}
