using System.Text.Json;
using System.Text.Json.Serialization;
using Notebook.Embedded.Hosting;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Serialization;

/// <summary>Writes references to grains and observers as their ids, and makes references of them again.</summary>
internal sealed class ReferenceConverterFactory(IReferenceRuntime runtime, Func<string, Type?> interfaceNamed) : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsInterface && typeof(IAddressable).IsAssignableFrom(typeToConvert);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(ReferenceConverter<>).MakeGenericType(typeToConvert), runtime, interfaceNamed)!;
}

/// <inheritdoc cref="ReferenceConverterFactory"/>
internal sealed class ReferenceConverter<T>(IReferenceRuntime runtime, Func<string, Type?> interfaceNamed) : JsonConverter<T>
    where T : class, IAddressable
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // "interface kind/key"; the interface may be a more special one than T, never another.
        var text = reader.GetString() ?? throw new JsonException("expected a reference");
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || !GrainId.TryParse(text[(space + 1)..], out var id)) throw new JsonException($"\"{text}\" is not a reference");
        var named = interfaceNamed(text[..space]);
        return (T)runtime.MakeReference(id, named is not null && typeof(T).IsAssignableFrom(named) ? named : typeof(T));
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        var reference = value as GrainReference ?? (GrainReference)(object)value.AsReference<T>();
        writer.WriteStringValue($"{reference.InterfaceName} {reference.GrainId}");
    }
}
