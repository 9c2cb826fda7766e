using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Agora.ScriptedModels;

internal static class Json
{
    public static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    public static string QuoteOrNull(string? text) => text is null ? "null" : Quote(text);

    /// <summary>A member as it was sent.</summary>
    public static string Raw(JsonElement body, string member, string otherwise) => body.TryGetProperty(member, out var value) ? value.GetRawText() : otherwise;

    public static byte[] Data(string json) => Encoding.UTF8.GetBytes($"data: {json}\n\n");

    public static byte[] Event(string name, string json) => Encoding.UTF8.GetBytes($"event: {name}\ndata: {json}\n\n");

    /// <summary>A call with anything else for its arguments cannot be repeated where the maker writes an object.</summary>
    public static bool IsObject(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>What only its maker can read and wants back unchanged: it is known again, so that one that went to another maker, or lost a byte on its way, is refused as the real ones refuse it.</summary>
internal static class Seals
{
    /// <summary>Google documents it for calls that come from another model, or whose signature is lost.</summary>
    private const string OfNobody = "skip_thought_signature_validator";

    public static string Of(Maker maker, string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{maker}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}"));

    public static bool IsOf(Maker maker, string seal)
    {
        if (maker == Maker.Google && seal == OfNobody) return true;

        var buffer = new byte[seal.Length];
        return Convert.TryFromBase64String(seal, buffer, out var length) && Encoding.UTF8.GetString(buffer, 0, length).StartsWith($"{maker}:", StringComparison.Ordinal);
    }
}
