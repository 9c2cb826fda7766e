using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Agora.ScriptedModels;

/// <summary>The one rule by which tokens are counted: all texts together, four UTF-8 bytes a token, rounded up once; an image is 85. Audio counts as the script says.</summary>
public static class Tokens
{
    public const int BytesEach = 4;
    public const int Image = 85;

    private static readonly FrozenSet<string> NoText = FrozenSet.Create(
        StringComparer.Ordinal, "type", "role", "id", "call_id", "tool_call_id", "tool_use_id", "signature", "thoughtSignature", "thought_signature", "encrypted_content", "status", "cache_control");

    public static long Of(long bytes) => (bytes + BytesEach - 1) / BytesEach;

    public static long Of(string text) => Of(Encoding.UTF8.GetByteCount(text));

    /// <summary>Of these members of a request, each with all that is in it.</summary>
    public static long Of(JsonElement body, params ReadOnlySpan<string> members)
    {
        long bytes = 0, images = 0;
        foreach (var member in members)
        {
            if (!body.TryGetProperty(member, out var value)) continue;

            Count(value, ref bytes, ref images);
        }

        return Of(bytes) + images * Image;
    }

    /// <summary>As much of a text as so many bytes hold, without a broken character.</summary>
    internal static string Cut(string text, long bytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= bytes) return text;

        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if ((bytes -= rune.Utf8SequenceLength) < 0) break;
            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }

    private static void Count(JsonElement value, ref long bytes, ref long images)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                var raw = JsonMarshal.GetRawUtf8Value(value);
                bytes += raw.Contains((byte)'\\') ? Encoding.UTF8.GetByteCount(value.GetString()!) : raw.Length - 2;
                break;
            case JsonValueKind.Array:
                foreach (var element in value.EnumerateArray())
                {
                    Count(element, ref bytes, ref images);
                }

                break;
            case JsonValueKind.Object:
                if (IsMedia(value, out var isImage))
                {
                    images += isImage ? 1 : 0;
                    break;
                }

                foreach (var member in value.EnumerateObject())
                {
                    if (NoText.Contains(member.Name)) continue;

                    Count(member.Value, ref bytes, ref images);
                }

                break;
            default:
                break;
        }
    }

    private static bool IsMedia(JsonElement value, out bool isImage)
    {
        isImage = false;
        if (value.TryGetProperty("inlineData", out var inline) || value.TryGetProperty("fileData", out inline))
        {
            isImage = inline.TryGetProperty("mimeType", out var type) && type.ValueKind == JsonValueKind.String && type.GetString()!.StartsWith("image/", StringComparison.Ordinal);
            return true;
        }

        if (!value.TryGetProperty("type", out var kind) || kind.ValueKind != JsonValueKind.String) return false;

        isImage = (kind.ValueEquals("image_url") && value.TryGetProperty("image_url", out _)) || kind.ValueEquals("input_image") || (kind.ValueEquals("image") && value.TryGetProperty("source", out _));
        return isImage || kind.ValueEquals("input_audio");
    }
}
