using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Agora.Core.Kernel;

/// <summary>
/// A personal value: UTF-8 JSON that stays readable only while its user's key exists. Events carry it beside their payload
/// (it is sealed before hashing), never inside; after the key was destroyed a decoded event has null in its place.
/// </summary>
[JsonConverter(typeof(PersonalConverter))]
public sealed class Personal(ReadOnlyMemory<byte> utf8)
{
    public ReadOnlyMemory<byte> Utf8 { get; } = utf8;

    public static Personal Of<T>(T value) => new(JsonSerializer.SerializeToUtf8Bytes(value, StoredJson.Options));

    public T? Read<T>() => JsonSerializer.Deserialize<T>(Utf8.Span, StoredJson.Options);

    public override string ToString() => "(personal)";

    private sealed class PersonalConverter : JsonConverter<Personal>
    {
        public override Personal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetBytesFromBase64());

        public override void Write(Utf8JsonWriter writer, Personal value, JsonSerializerOptions options) => writer.WriteBase64StringValue(value.Utf8.Span);
    }
}

/// <summary>
/// How everything stored or sent between grains is written: snake_case, no nulls, nothing that is only computed, nothing that depends on culture or CLR names.
/// So only an optional member that is no null, and is to be absent where it says nothing, has an attribute (<c>WhenWritingDefault</c>), and one that is soft.
/// </summary>
public static class StoredJson
{
    /// <summary>What is only computed is not written.</summary>
    public static readonly IJsonTypeInfoResolver Resolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutWhatIsComputed } };

    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = Resolver,
    };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Bytes, Utf8JsonWriter Json)? _writer;

    /// <summary>By a generated handler, whose source generation options say what <see cref="Options"/> say.</summary>
    public static byte[] Write<T>(T value, Action<Utf8JsonWriter, T> handler)
    {
        var (bytes, json) = _writer ??= NewWriter();
        bytes.ResetWrittenCount();
        json.Reset();
        handler(json, value);
        json.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    // Nothing reads it back: it has neither a setter nor a parameter of the constructor.
    private static void LeaveOutWhatIsComputed(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            if (type.Properties[i] is { Set: null, AssociatedParameter: null })
            {
                type.Properties.RemoveAt(i);
            }
        }
    }

    private static (ArrayBufferWriter<byte>, Utf8JsonWriter) NewWriter()
    {
        var bytes = new ArrayBufferWriter<byte>(1_024);
        return (bytes, new(bytes, new JsonWriterOptions { Encoder = Options.Encoder }));
    }
}
