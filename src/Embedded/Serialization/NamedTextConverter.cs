using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Notebook.Embedded.Serialization;

/// <summary>
/// Writes structs that are a text with a type, as ids are, just as the serializer would: <c>{"Value":"..."}</c>. Records of grains
/// are full of them, and a third of the time of writing one went into treating each as an object of any shape.
/// </summary>
internal sealed class NamedTextConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert is { IsValueType: true, IsPrimitive: false, IsEnum: false, IsGenericType: false }
        && typeToConvert.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic) is [{ FieldType: var only }] && only == typeof(string)
        && NamedText.PropertyOf(typeToConvert) is { } property
        && typeToConvert.GetConstructor([typeof(string)])?.GetParameters() is [{ Name: var name }] && name == property.Name
        && !typeToConvert.IsDefined(typeof(JsonConverterAttribute));

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(NamedTextConverter<>).MakeGenericType(typeToConvert))!;
}

/// <summary>Structs that are a text with a type.</summary>
internal static class NamedText
{
    /// <summary>The property that is the text, beside others that are worked out from it; null when there is no such one.</summary>
    public static PropertyInfo? PropertyOf(Type type) =>
        type.GetProperties().Where(p => p.CanWrite).ToArray() is [{ CanRead: true } only] && only.PropertyType == typeof(string) ? only : null;
}

/// <inheritdoc cref="NamedTextConverterFactory"/>
internal sealed class NamedTextConverter<T> : JsonConverter<T>
    where T : struct
{
    private readonly JsonEncodedText _name;
    private readonly Func<T, string?> _text;
    private readonly Func<string?, T> _make;

    public NamedTextConverter()
    {
        var property = NamedText.PropertyOf(typeof(T))!;
        var (value, text) = (Expression.Parameter(typeof(T)), Expression.Parameter(typeof(string)));
        _name = JsonEncodedText.Encode(property.Name);
        _text = Expression.Lambda<Func<T, string?>>(Expression.Property(value, property), value).Compile();
        _make = Expression.Lambda<Func<string?, T>>(Expression.New(typeof(T).GetConstructor([typeof(string)])!, text), text).Compile();
    }

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException($"expected an object, found {reader.TokenType}");
        string? text = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var isIt = reader.ValueTextEquals(_name.EncodedUtf8Bytes);
            reader.Read();
            if (isIt) text = reader.GetString();
            else reader.Skip();   // of a later release
        }

        return _make(text);
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        if (_text(value) is { } text) writer.WriteString(_name, text);
        writer.WriteEndObject();
    }
}
