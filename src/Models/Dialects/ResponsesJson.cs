using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Agora.Models.Dialects;

/// <summary>Reads what a client sent, member by member: what is not of the exact type is refused by the member's name, and nothing else is ever thrown.</summary>
internal static class ResponsesJson
{
    /// <summary>Non-ASCII text is written as it is: it is read by programs, never put into a page.</summary>
    public static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = ModelLimits.Depth, AllowDuplicateProperties = false };

    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Length > ModelLimits.RequestBytes)
        {
            throw new DialectException(new(DialectErrorKind.TooLarge, "request_too_large", $"The request has more than {ModelLimits.RequestBytes} bytes."));
        }

        try
        {
            return ParseText(body);
        }
        catch (JsonException e)
        {
            throw DialectException.Invalid("body", $"The body is not JSON that is taken: {e.Message}");
        }
    }

    /// <summary>JSON of which every string can be read: UTF-8 is whole, no half of a surrogate pair stands alone, no member comes twice.</summary>
    /// <param name="mayHaveHalves">Strings of a provider may have half of a surrogate pair; read them by Wires.WireText. Names of members never may.</param>
    /// <exception cref="JsonException">It is not.</exception>
    public static JsonDocument ParseText(ReadOnlyMemory<byte> text, bool mayHaveHalves = false)
    {
        if (!Utf8.IsValid(text.Span)) throw new JsonException("it is not UTF-8.");
        if (text.Span.IndexOf("\\u"u8) >= 0)
        {
            CheckEscapes(text.Span, onlyNames: mayHaveHalves);
        }

        return JsonDocument.Parse(text, Reading);
    }

    public static JsonElement Object(JsonElement element, string param) =>
        element.ValueKind == JsonValueKind.Object ? element : throw DialectException.Invalid(param, $"'{param}' must be an object.");

    public static JsonElement Object(JsonProperty member) => Object(member.Value, member.Name);

    public static string Text(JsonProperty member, int longest = int.MaxValue)
    {
        if (member.Value.ValueKind != JsonValueKind.String) throw DialectException.Invalid(member.Name, $"'{member.Name}' must be a string.");
        var text = member.Value.GetString()!;
        return text.Length <= longest ? text : throw DialectException.Invalid(member.Name, $"'{member.Name}' has more than {longest} characters.");
    }

    public static string Name(JsonProperty member)
    {
        var name = Text(member, ModelLimits.NameLength);
        return name.Length > 0 ? name : throw DialectException.Invalid(member.Name, $"'{member.Name}' must not be empty.");
    }

    public static string OneOf(JsonProperty member, params ReadOnlySpan<string> words)
    {
        var text = Text(member);
        return words.Contains(text) ? text : throw DialectException.Invalid(member.Name, $"'{member.Name}' must be one of {string.Join(", ", words.ToArray())}.");
    }

    public static bool Flag(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw DialectException.Invalid(member.Name, $"'{member.Name}' must be true or false."),
    };

    public static int Whole(JsonProperty member, int least, int most) =>
        member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out var number) && number >= least && number <= most
            ? number
            : throw DialectException.Invalid(member.Name, $"'{member.Name}' must be a whole number from {least} to {most}.");

    public static double Number(JsonProperty member, double least, double most) =>
        member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetDouble(out var number) && number >= least && number <= most
            ? number
            : throw DialectException.Invalid(member.Name, FormattableString.Invariant($"'{member.Name}' must be a number from {least} to {most}."));

    public static JsonElement Array(JsonElement element, string param, int most)
    {
        if (element.ValueKind != JsonValueKind.Array) throw DialectException.Invalid(param, $"'{param}' must be an array.");
        return element.GetArrayLength() <= most ? element : throw DialectException.Invalid(param, $"'{param}' has more than {most} entries.");
    }

    public static JsonElement Array(JsonProperty member, int most) => Array(member.Value, member.Name, most);

    public static bool IsNull(JsonProperty member) => member.Value.ValueKind == JsonValueKind.Null;

    public static T Wanted<T>(T? value, string param)
        where T : class => value ?? throw DialectException.Invalid(param, $"'{param}' is missing.");

    public static DialectException Unknown(string param) => DialectException.Invalid(param, $"'{param}' is not known here, and what it asks for would not be done.");

    /// <summary>The same refusal, its member named from further out. Paths are only made of what is refused, so a request that is taken pays nothing for them.</summary>
    public static DialectException Within(string outer, DialectException refused)
    {
        var inner = refused.Fault.Param;
        return new(refused.Fault with { Param = inner is null ? outer : inner.StartsWith('[') ? outer + inner : $"{outer}.{inner}" });
    }

    /// <summary>JSON text on one line, for it is put into events, which end with a line.</summary>
    public static string Compact(JsonElement element)
    {
        var into = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(into, Writing))
        {
            element.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(into.WrittenSpan);
    }

    private static void CheckEscapes(ReadOnlySpan<byte> text, bool onlyNames)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = ModelLimits.Depth });
        while (reader.Read())
        {
            if (!reader.ValueIsEscaped || !(reader.TokenType == JsonTokenType.PropertyName || (reader.TokenType == JsonTokenType.String && !onlyNames)))
            {
                continue;
            }

            try
            {
                _ = reader.GetString();
            }
            catch (InvalidOperationException)
            {
                throw new JsonException("a string has half of a surrogate pair.");
            }
        }
    }
}
