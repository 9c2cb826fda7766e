using System.Globalization;
using Agora.Application.Operations;
using Agora.Core.Conversations;
using Agora.Web;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Agora.Streams;

/// <summary>What is appended, or begins a stream.</summary>
/// <param name="ContentType">As it was sent; null: it was not.</param>
internal sealed record AppendAsked(string ConversationId, string? ContentType, ReadOnlyMemory<byte> Bytes, bool Closes, string? Order, ProducerMark? Producer)
{
    private const long LargestNumber = (1L << 53) - 1;

    public static AppendAsked Read(Call read)
    {
        var call = (RequestCall)read;
        return new(call.Id("conversation_id"), Type(call), call.Sent, Once(call, StreamHeaders.Closed)?.Equals(StreamHeaders.True, StringComparison.OrdinalIgnoreCase) is true, OrderOf(call), ProducerOf(call));
    }

    /// <summary>A conversation is there until it is erased, and its messages are its members': it neither ends by time nor is it copied.</summary>
    public static AppendAsked ReadNew(Call read)
    {
        var call = (RequestCall)read;
        foreach (var name in StreamHeaders.NotServed.Where(name => call.Header(name).Count > 0)) call.Findings.Violate(name, "not", "It is not served here: a stream is a conversation, which ends when it is closed and erased.");
        return Read(read);
    }

    private static string? Type(RequestCall call)
    {
        if (Once(call, HeaderNames.ContentType) is not { } type) return null;
        if (type.Length <= TalkLimits.ContentTypeLength && StreamContent.MediaTypeOf(type) is not null) return type;

        call.Findings.Violate(HeaderNames.ContentType, "pattern", "It is no media type.");
        return null;
    }

    private static string? OrderOf(RequestCall call)
    {
        var order = Once(call, StreamHeaders.Order);
        if (order is null or { Length: > 0 and <= TalkLimits.OrderLength }) return order;

        call.Findings.Violate(StreamHeaders.Order, "max_length", string.Create(CultureInfo.InvariantCulture, $"1 to {TalkLimits.OrderLength} characters are wanted here."));
        return null;
    }

    private static ProducerMark? ProducerOf(RequestCall call)
    {
        string[] names = [StreamHeaders.ProducerId, StreamHeaders.ProducerEpoch, StreamHeaders.ProducerSeq];
        if (names.All(name => call.Header(name).Count == 0)) return null;

        var (id, epoch, seq) = (Once(call, StreamHeaders.ProducerId), Number(call, StreamHeaders.ProducerEpoch), Number(call, StreamHeaders.ProducerSeq));
        if (id is not { Length: > 0 and <= TalkLimits.ProducerIdLength })
        {
            call.Findings.Violate(StreamHeaders.ProducerId, "max_length", string.Create(CultureInfo.InvariantCulture, $"1 to {TalkLimits.ProducerIdLength} characters are wanted here, and all three headers of a producer together."));
            return null;
        }

        return epoch is null || seq is null ? null : new(id, epoch.Value, seq.Value);
    }

    private static long? Number(RequestCall call, string name)
    {
        if (Once(call, name) is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= LargestNumber)
        {
            return number;
        }

        call.Findings.Violate(name, "pattern", "A whole number from 0 to 2^53-1 is wanted here, and all three headers of a producer together.");
        return null;
    }

    /// <summary>Null: it was not sent. What was sent twice is none.</summary>
    private static string? Once(RequestCall call, string name) => call.Header(name) switch { [] => null, [{ } value] => value, _ => "" };
}

/// <summary>From where on a stream is read, and how.</summary>
/// <param name="After">Number of the entry that was read last; null: from now on.</param>
/// <param name="Cursor">Of the reply before; null: none.</param>
internal sealed record ReadAsked(string ConversationId, long? After, bool IsPolled, bool IsTold, string? Cursor)
{
    private const int OffsetLength = 16;

    public static string OffsetOf(long number) => number.ToString("D16", CultureInfo.InvariantCulture);

    public static ReadAsked Read(Call read)
    {
        var call = (RequestCall)read;
        var (offset, live) = (call.Parameter("offset"), call.Parameter("live"));
        var isLive = live is ["long-poll"] or ["sse"];
        if (live.Count > 0 && !isLive)
        {
            call.Findings.Violate("live", "enum", "long-poll or sse is wanted here.");
        }

        return new(call.Id("conversation_id"), Place(call, offset, isLive), live is ["long-poll"], live is ["sse"], call.Asked("cursor"));
    }

    private static long? Place(RequestCall call, StringValues offset, bool isLive)
    {
        if (offset is ["-1"] || (offset.Count == 0 && !isLive)) return 0;
        if (offset is ["now"]) return null;
        if (offset is [{ Length: OffsetLength } text] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        call.Findings.Violate("offset", "pattern", "-1, now, or a Stream-Next-Offset is wanted here, once.");
        return 0;
    }
}
