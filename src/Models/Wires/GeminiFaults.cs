using System.Globalization;
using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>Google's errors: by status; a key that is not valid is answered 400 there, and told by its reason.</summary>
internal static class GeminiFaults
{
    public static ProviderFault Read(int status, ReadOnlyMemory<byte> body, int? retryAfter)
    {
        ProviderFault? said = null;
        try
        {
            said = MessagesWireJson.Read(Unwrapped(body), root => MessagesWireJson.Object(root, "error"u8) is { } error ? Of(error, status) : null);
        }
        catch (InvalidDataException)
        {
            // A gateway's page, or nothing: the status says enough.
        }

        var fault = said ?? new(KindOf(status), $"The provider answered {status}.");
        return retryAfter is >= 0 ? fault with { RetryAfterSeconds = retryAfter } : fault;
    }

    /// <summary>In a stream, where the error tells its status itself.</summary>
    public static ProviderFault Of(JsonElement error) =>
        Of(error, MessagesWireJson.Has(error, "code"u8, out var code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var status) ? status : 0);

    private static ProviderFault Of(JsonElement error, int status)
    {
        var message = MessagesWireJson.Text(error, "message"u8);
        var word = MessagesWireJson.Text(error, "status"u8) is { Length: > 0 and <= ModelLimits.NameLength } text ? text : null;
        var kind = KindOf(status);
        int? retryAfter = null;
        foreach (var detail in MessagesWireJson.Array(error, "details"u8)?.EnumerateArray() ?? default)
        {
            if (detail.ValueKind != JsonValueKind.Object) continue;

            kind = MessagesWireJson.Text(detail, "reason"u8) == "API_KEY_INVALID" ? FaultKind.Unauthorized : kind;
            retryAfter ??= Seconds(MessagesWireJson.Text(detail, "retryDelay"u8));
        }

        var isSpent = message?.Contains("credits are depleted", StringComparison.OrdinalIgnoreCase) == true;
        return new(isSpent ? FaultKind.OutOfQuota : kind, MessagesWireJson.Words(message, "The provider failed."), word, RetryAfterSeconds: retryAfter);
    }

    /// <summary>A duration of protobuf's JSON ("34.07s"), in whole seconds upwards; null: it is none.</summary>
    private static int? Seconds(string? duration)
    {
        if (duration is not { Length: > 1 and <= 16 } || duration[^1] != 's') return null;

        return decimal.TryParse(duration.AsSpan(0, duration.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= int.MaxValue
            ? (int)decimal.Ceiling(seconds) : null;
    }

    /// <summary>A streaming request that fails is, without server-sent events, answered by an array with the error in it.</summary>
    private static ReadOnlyMemory<byte> Unwrapped(ReadOnlyMemory<byte> body)
    {
        var text = body.Trim(" \r\n\t"u8);
        return text.Length > 1 && text.Span[0] == '[' && text.Span[^1] == ']' ? text[1..^1] : text;
    }

    private static FaultKind KindOf(int status) => status switch
    {
        401 or 403 => FaultKind.Unauthorized,
        402 => FaultKind.OutOfQuota,
        404 => FaultKind.NotFound,
        408 => FaultKind.Failed,
        413 => FaultKind.TooLarge,
        429 => FaultKind.RateLimited,
        503 => FaultKind.Overloaded,
        >= 400 and < 500 => FaultKind.InvalidRequest,
        _ => FaultKind.Failed,
    };
}
