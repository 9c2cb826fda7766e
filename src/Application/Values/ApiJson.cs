using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Agora.Core.Kernel;

namespace Agora.Application.Values;

/// <summary>An amount as replies print it: a JSON number of cents in shortest form (<c>95</c>, <c>0.25</c>), never through a float.</summary>
[JsonConverter(typeof(Converter))]
internal readonly record struct Cents(long Micros)
{
    /// <summary>Null stays null.</summary>
    public static Cents? Of(long? micros) => micros is { } amount ? new Cents(amount) : null;

    public sealed class Converter : JsonConverter<Cents>
    {
        public override Cents Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("Amounts are read by Fields.");

        public override void Write(Utf8JsonWriter writer, Cents value, JsonSerializerOptions options) => value.Write(writer);
    }

    public void Write(Utf8JsonWriter writer)
    {
        if (Micros % Money.MicrosPerCent == 0)
        {
            writer.WriteNumberValue(Micros / Money.MicrosPerCent);
        }
        else
        {
            writer.WriteRawValue(Money.FormatCents(Micros));
        }
    }
}

/// <summary>JSON that is passed on as it is: a schema, an input, an output. It was read strictly when it came in.</summary>
[JsonConverter(typeof(Converter))]
internal sealed class RawJson(ReadOnlyMemory<byte> utf8)
{
    public ReadOnlyMemory<byte> Utf8 { get; } = utf8;

    public static RawJson? Of(Personal? personal) => personal is null ? null : new(personal.Utf8);

    public static RawJson? Of(string? json) => json is null ? null : new(System.Text.Encoding.UTF8.GetBytes(json));

    public sealed class Converter : JsonConverter<RawJson>
    {
        public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("Replies are only written.");

        public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) => value.Write(writer);
    }

    public void Write(Utf8JsonWriter writer) => writer.WriteRawValue(Utf8.Span, skipInputValidation: true);
}

/// <summary>Data of the replies that are sent most: written by hand, member for member as the serializer would write them (a test compares the two).</summary>
internal interface IWrittenData
{
    void Write(Utf8JsonWriter writer);
}

/// <summary>Members that may be null: they are present all the same.</summary>
internal static class JsonMembers
{
    public static void Write(this Utf8JsonWriter writer, string name, Cents amount)
    {
        writer.WritePropertyName(name);
        amount.Write(writer);
    }

    public static void Write(this Utf8JsonWriter writer, string name, RawJson? json)
    {
        writer.WritePropertyName(name);
        if (json is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            json.Write(writer);
        }
    }

    public static void Write(this Utf8JsonWriter writer, string name, int? number)
    {
        if (number is { } some)
        {
            writer.WriteNumber(name, some);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    public static void Write(this Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } some)
        {
            Span<byte> text = stackalloc byte[Rfc3339.Length];
            writer.WriteString(name, text[..Rfc3339.FormatUtf8(some, text)]);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    public static void Write(this Utf8JsonWriter writer, string name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        for (var i = 0; i < texts.Count; i++)
        {
            writer.WriteStringValue(texts[i]);
        }

        writer.WriteEndArray();
    }

    public static void Write<T>(this Utf8JsonWriter writer, string name, IReadOnlyList<T> items)
        where T : IWrittenData
    {
        writer.WriteStartArray(name);
        for (var i = 0; i < items.Count; i++)
        {
            items[i].Write(writer);
        }

        writer.WriteEndArray();
    }

    public static void Write(this Utf8JsonWriter writer, string name, IWrittenData? data)
    {
        writer.WritePropertyName(name);
        if (data is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            data.Write(writer);
        }
    }
}

/// <summary>How replies are written: snake_case, null members present (a reply's shape never varies), text readable in every script.</summary>
internal static class ApiJson
{
    public static readonly JsonSerializerOptions Options = Locked();

    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is written, as text.</summary>
    public static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) write(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static JsonSerializerOptions Locked()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            RespectNullableAnnotations = true,
            Converters = { new Rfc3339.Converter() },
        };
        options.MakeReadOnly();
        return options;
    }
}
