using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Agora.Application.Operations;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Microsoft.Net.Http.Headers;

namespace Agora.Streams;

/// <summary>
/// What is appended to a stream, as messages, and back. Of JSON each item of an array is a message, and anything else is one. Of any other type an append is a message: a string where it is text in UTF-8, else
/// <c>{"base64": …}</c>. What was said by other routes comes back as it would have been appended.
/// </summary>
internal static class StreamContent
{
    public const string Bytes = "application/octet-stream";

    private static ReadOnlySpan<byte> Base64Name => "base64"u8;

    public static bool IsJson(string contentType) => MediaTypeOf(contentType) == MediaTypes.Json;

    /// <summary>Events carry it as it is.</summary>
    public static bool IsText(string contentType) => IsJson(contentType) || MediaTypeOf(contentType)?.StartsWith("text/", StringComparison.Ordinal) is true;

    /// <summary>In lower case and without parameters; null: it is none.</summary>
    public static string? MediaTypeOf(string? contentType) => MediaTypeHeaderValue.TryParse(contentType, out var type) ? type.MediaType.Value!.ToLowerInvariant() : null;

    /// <summary>What cannot be read is a finding. Of more messages than may be appended at once, one more is made, so that the append is refused.</summary>
    public static IReadOnlyList<Personal> Messages(string contentType, ReadOnlyMemory<byte> appended, Findings findings)
    {
        if (appended.IsEmpty) return [];
        if (!IsJson(contentType)) return [Message(contentType, appended)];

        using var document = StrictJson.Parse(appended, findings);
        return document?.RootElement switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } items => [.. items.EnumerateArray().Take(TalkLimits.AppendedAtOnce + 1).Select(static item => new Personal(StrictJson.Raw(item)))],
            { } one => [new Personal(StrictJson.Raw(one))],
        };
    }

    public static byte[] Read(string contentType, IReadOnlyList<Personal> messages)
    {
        using var all = new MemoryStream();
        if (!IsJson(contentType))
        {
            foreach (var message in messages) all.Write(BytesOf(message));
            return all.ToArray();
        }

        all.WriteByte((byte)'[');
        for (var index = 0; index < messages.Count; index++)
        {
            if (index > 0)
            {
                all.WriteByte((byte)',');
            }

            all.Write(messages[index].Utf8.Span);
        }

        all.WriteByte((byte)']');
        return all.ToArray();
    }

    private static Personal Message(string contentType, ReadOnlyMemory<byte> appended) => IsText(contentType) && Utf8.IsValid(appended.Span)
        ? Personal.Of(Encoding.UTF8.GetString(appended.Span))
        : new(Encoding.ASCII.GetBytes($"{{\"base64\":\"{Convert.ToBase64String(appended.Span)}\"}}"));

    private static byte[] BytesOf(Personal message)
    {
        using var document = JsonDocument.Parse(message.Utf8);
        var root = document.RootElement;
        return root.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(root.GetString()!)
            : root.ValueKind == JsonValueKind.Object && root.GetPropertyCount() == 1 && root.TryGetProperty(Base64Name, out var encoded) && encoded.ValueKind == JsonValueKind.String && encoded.TryGetBytesFromBase64(out var bytes) ? bytes
            : message.Utf8.ToArray();
    }
}
