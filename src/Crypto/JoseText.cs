using System.Buffers.Text;
using System.Text.Json;

namespace Agora.Crypto;

/// <summary>How JSON Web Signatures, Tokens and Keys write bytes and text (RFC 7515 section 2).</summary>
public static class JoseText
{
    /// <returns>Null: it is not strictly the one spelling of its bytes: no padding, no blanks, no stray bits.</returns>
    public static byte[]? Decode(string text)
    {
        if (!Base64Url.IsValid(text)) return null;

        var bytes = Base64Url.DecodeFromChars(text);
        return Base64Url.EncodeToString(bytes) == text ? bytes : null;
    }

    /// <returns>Null: an object's member of this name is no string, or there is none.</returns>
    public static string? TextOf(this JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Reads every name and text once, so that none of them fails whoever reads it later.</summary>
    /// <exception cref="InvalidOperationException">One of them is not Unicode, which is seen only when it is read.</exception>
    public static JsonElement Readable(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                _ = json.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray()) Readable(item);
                break;
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                {
                    _ = member.Name;
                    Readable(member.Value);
                }

                break;
        }

        return json;
    }
}
