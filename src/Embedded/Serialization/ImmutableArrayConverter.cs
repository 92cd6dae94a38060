using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Notebook.Embedded.Serialization;

/// <summary>Writes immutable arrays. One that was never set, which the built-in converter cannot write, comes back as it was.</summary>
internal sealed class ImmutableArrayConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(ImmutableArray<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(ImmutableArrayConverter<>).MakeGenericType(typeToConvert.GenericTypeArguments), options)!;
}

/// <inheritdoc cref="ImmutableArrayConverterFactory"/>
internal sealed class ImmutableArrayConverter<T>(JsonSerializerOptions options) : JsonConverter<ImmutableArray<T>>
{
    private JsonTypeInfo<T>? _item;   // looked up once, not for each of many items

    private JsonTypeInfo<T> Item => _item ??= (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

    public override bool HandleNull => true;

    public override ImmutableArray<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions _)
    {
        if (reader.TokenType == JsonTokenType.Null) return default;
        if (reader.TokenType == JsonTokenType.String && typeof(T) == typeof(byte)) return (ImmutableArray<T>)(object)ImmutableArray.Create(reader.GetBytesFromBase64());
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException($"expected an array, found {reader.TokenType}");
        var items = ImmutableArray.CreateBuilder<T>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) items.Add(JsonSerializer.Deserialize(ref reader, Item)!);
        return items.DrainToImmutable();
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<T> value, JsonSerializerOptions _)
    {
        if (value.IsDefault)
        {
            writer.WriteNullValue();
            return;
        }

        if (typeof(T) == typeof(byte))
        {
            writer.WriteBase64StringValue(((ImmutableArray<byte>)(object)value).AsSpan());
            return;
        }

        writer.WriteStartArray();
        foreach (var item in value) JsonSerializer.Serialize(writer, item, Item);
        writer.WriteEndArray();
    }
}
