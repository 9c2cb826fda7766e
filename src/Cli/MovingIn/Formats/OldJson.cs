using System.Text.Encodings.Web;
using System.Text.Json;

namespace Agora.Cli.MovingIn.Formats;

/// <summary>Sessions as JSON: of an export, and of Flask-Session where it is told to write so.</summary>
internal static class OldJson
{
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = OldLimits.Depth };
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static object? Read(ReadOnlyMemory<byte> bytes)
    {
        using var document = Parse(bytes);
        return Texts(document.RootElement, Of);
    }

    public static JsonDocument Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes, Reading);
        }
        catch (JsonException)
        {
            throw new RefusedException($"It is no JSON, or nested deeper than {OldLimits.Depth}.");
        }
    }

    /// <summary>JSON can spell half a surrogate pair, which is no text.</summary>
    public static T Texts<T>(JsonElement element, Func<JsonElement, T> read)
    {
        try
        {
            return read(element);
        }
        catch (InvalidOperationException)
        {
            throw new RefusedException("One of its texts has half of a surrogate pair.");
        }
    }

    public static byte[] Write(object? value)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Writing)) Put(json, value);
        return bytes.ToArray();
    }

    private static object? Of(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                return element.GetString();
            case JsonValueKind.Number:
                return element.TryGetInt64(out var whole) ? (object)whole : element.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') ? element.GetDouble() : throw new RefusedException("A number has more than 63 bits.");
            case JsonValueKind.True or JsonValueKind.False:
                return element.GetBoolean();
            case JsonValueKind.Array:
                return new OldList([.. element.EnumerateArray().Select(Of)]);
            case JsonValueKind.Object:
                var map = new OldMap();
                foreach (var member in element.EnumerateObject()) map.Set(member.Name, Of(member.Value));
                return map;
            default:
                return null;
        }
    }

    private static void Put(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool b:
                json.WriteBooleanValue(b);
                break;
            case long n:
                json.WriteNumberValue(n);
                break;
            case double d:
                json.WriteNumberValue(d);
                break;
            case string s:
                json.WriteStringValue(s);
                break;
            case OldList list:
                json.WriteStartArray();
                foreach (var item in list.Items) Put(json, item);
                json.WriteEndArray();
                break;
            case OldMap map:
                json.WriteStartObject();
                foreach (var (key, item) in map.Entries)
                {
                    json.WritePropertyName(key as string ?? throw new RefusedException("JSON has texts as keys alone."));
                    Put(json, item);
                }

                json.WriteEndObject();
                break;
            default:
                throw new RefusedException($"JSON has no {value.GetType().Name}.");
        }
    }
}
